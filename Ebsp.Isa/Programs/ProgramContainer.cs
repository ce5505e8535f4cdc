using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ebsp.Isa.Programs;

/// <summary>The outside of a .ebsp file: header, section table, padding and digests (docs/ebsp-file.md).</summary>
internal static class ProgramContainer
{
    public const int Sections = (int)SectionId.Provenance;

    public const int HeaderBytes = 64;
    public const int EntryBytes = 64;
    public const int FirstSection = HeaderBytes + Sections * EntryBytes;

    private const int Alignment = 64;
    private const int DigestOffset = 32;
    private const int DigestBytes = 32;
    private const int MajorVersion = 1;
    private const int MinorVersion = 0;

    // As PNG's: a byte above 127, a name, a line end of each kind, an end-of-file: transfers that alter text are seen at once.
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'E', (byte)'B', (byte)'S', (byte)'P', 0x0D, 0x0A, 0x1A];

    /// <summary>The file of the sections, in the order of their ids.</summary>
    /// <exception cref="ArgumentException">The file would have 2 GiB or more.</exception>
    public static byte[] Write(IReadOnlyList<ReadOnlyMemory<byte>> sections)
    {
        long[] offsets = new long[Sections];
        long end = FirstSection;
        for (int i = 0; i < Sections; i++)
        {
            if (sections[i].IsEmpty)
                continue;
            offsets[i] = Align(end);
            end = offsets[i] + sections[i].Length;
        }

        if (end > Array.MaxLength)
            throw new ArgumentException($"a .ebsp file of {end} bytes is too large", nameof(sections));
        byte[] file = new byte[end];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), MajorVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(10), MinorVersion);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), Sections);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(24), end);
        for (int i = 0; i < Sections; i++)
        {
            Span<byte> entry = file.AsSpan(HeaderBytes + i * EntryBytes, EntryBytes);
            BinaryPrimitives.WriteInt32LittleEndian(entry, i + 1);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offsets[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], sections[i].Length);
            SHA256.HashData(sections[i].Span, entry[DigestOffset..]);
            sections[i].Span.CopyTo(file.AsSpan((int)offsets[i]));
        }

        Seal(file);
        return file;
    }

    /// <summary>Writes the digest over header and table.</summary>
    public static void Seal(Span<byte> file) => HeaderDigest(file, file[DigestOffset..]);

    /// <summary>The digest over header and table, 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="EbspFormatException">Header and table are not of the one layout, or the digest is wrong.</exception>
    public static string DigestOf(ReadOnlySpan<byte> file)
    {
        CheckHeader(file);
        return string.Create(2 * DigestBytes, Convert.ToHexString(file.Slice(DigestOffset, DigestBytes)), (text, digits) =>
            digits.AsSpan().ToLowerInvariant(text));
    }

    /// <summary>The sections of a file, as slices of it, and where each begins (0 for empty ones).</summary>
    /// <exception cref="EbspFormatException">The file is not of the one layout, or a digest is wrong.</exception>
    public static ReadOnlyMemory<byte>[] Read(ReadOnlyMemory<byte> memory, out long[] offsets)
    {
        ReadOnlySpan<byte> file = memory.Span;
        CheckHeader(file);
        ReadOnlyMemory<byte>[] sections = new ReadOnlyMemory<byte>[Sections];
        offsets = new long[Sections];
        long end = FirstSection;
        for (int i = 0; i < Sections; i++)
        {
            ReadOnlySpan<byte> entry = file.Slice(HeaderBytes + i * EntryBytes, EntryBytes);
            long at = HeaderBytes + i * EntryBytes;
            string where = $"section {((SectionId)(i + 1)).ToString().ToLowerInvariant()}";
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
            long length = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
            if (BinaryPrimitives.ReadInt32LittleEndian(entry) != i + 1)
                throw new EbspFormatException(ProgramRule.Container, at, "section table",
                    $"section {i + 1} must stand here, not {BinaryPrimitives.ReadUInt32LittleEndian(entry)}");
            if (BinaryPrimitives.ReadInt32LittleEndian(entry[4..]) != 0 || BinaryPrimitives.ReadInt64LittleEndian(entry[24..]) != 0)
                throw new EbspFormatException(ProgramRule.Container, at, where, "reserved bytes of the table entry are not zero");
            long expected = length == 0 ? 0 : Align(end);
            if (offset != expected)
                throw new EbspFormatException(ProgramRule.Container, at, where,
                    $"must begin at byte {expected}, without hole or overlap, not at {offset}");
            if (length < 0 || length > file.Length - offset)
                throw new EbspFormatException(ProgramRule.Container, at, where,
                    $"{length} bytes from byte {offset} on do not fit into the file");
            if (length > 0)
            {
                if (file[(int)end..(int)offset].ContainsAnyExcept((byte)0))
                    throw new EbspFormatException(ProgramRule.Container, end, where, "the padding before it is not zero");
                end = offset + length;
            }

            offsets[i] = offset;
            sections[i] = memory.Slice((int)offset, (int)length);
        }

        if (end != file.Length)
            throw new EbspFormatException(ProgramRule.Container, end, "file", $"{file.Length - end} bytes follow the last section");
        CheckDigests(file, sections, offsets);
        return sections;
    }

    private static void CheckHeader(ReadOnlySpan<byte> file)
    {
        if (file.Length < Magic.Length || !file.StartsWith(Magic))
            throw new EbspFormatException(ProgramRule.Container, 0, "header", "the file does not begin with the magic of .ebsp");
        if (file.Length < FirstSection)
            throw new EbspFormatException(ProgramRule.Container, file.Length, "file",
                $"it ends within header and section table, which take {FirstSection} bytes");
        int major = BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        int minor = BinaryPrimitives.ReadUInt16LittleEndian(file[10..]);
        if (major != MajorVersion || minor > MinorVersion)
            throw new EbspFormatException(ProgramRule.Version, 8, "header",
                $"format version {major}.{minor} is not known; this reader knows {MajorVersion}.{MinorVersion}");
        uint features = BinaryPrimitives.ReadUInt32LittleEndian(file[12..]);
        if (features != 0)
        {
            IEnumerable<string> names = Enumerable.Range(0, 32).Where(bit => (features >> bit & 1) != 0).Select(bit => $"feature-{bit}");
            throw new EbspFormatException(ProgramRule.Feature, 12, "header",
                $"mandatory features are not known: {string.Join(", ", names)}");
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(file[16..]);
        if (count != Sections || BinaryPrimitives.ReadInt32LittleEndian(file[20..]) != 0)
            throw new EbspFormatException(ProgramRule.Container, 16, "header",
                $"there are {Sections} sections and reserved zero, not {count}");
        long length = BinaryPrimitives.ReadInt64LittleEndian(file[24..]);
        if (length != file.Length)
            throw new EbspFormatException(ProgramRule.Container, 24, "file", $"it has {file.Length} bytes, but its header says {length}");
        Span<byte> digest = stackalloc byte[DigestBytes];
        HeaderDigest(file, digest);
        if (!digest.SequenceEqual(file.Slice(DigestOffset, DigestBytes)))
            throw new EbspFormatException(ProgramRule.Digest, DigestOffset, "header", "the digest over header and section table is wrong");
    }

    private static void CheckDigests(ReadOnlySpan<byte> file, ReadOnlyMemory<byte>[] sections, long[] offsets)
    {
        Span<byte> digest = stackalloc byte[DigestBytes];
        for (int i = 0; i < Sections; i++)
        {
            SHA256.HashData(sections[i].Span, digest);
            if (!digest.SequenceEqual(file.Slice(HeaderBytes + i * EntryBytes + DigestOffset, DigestBytes)))
                throw new EbspFormatException(ProgramRule.Digest, offsets[i],
                    $"section {((SectionId)(i + 1)).ToString().ToLowerInvariant()}", "its digest is wrong");
        }
    }

    // Over header and table, with zeros where the digest stands.
    private static void HeaderDigest(ReadOnlySpan<byte> file, Span<byte> digest)
    {
        Span<byte> hashed = stackalloc byte[FirstSection];
        file[..FirstSection].CopyTo(hashed);
        hashed.Slice(DigestOffset, DigestBytes).Clear();
        SHA256.HashData(hashed, digest);
    }

    private static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;
}

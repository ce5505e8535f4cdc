using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Ebsp.Compiler.Diagnostics;
using Google.Protobuf.Reflection;

namespace Ebsp.Compiler.Files;

/// <summary>
/// Walks the wire format of a message before the protobuf library sees a byte: the library replaces invalid UTF-8, takes the last of
/// duplicated fields, allocates for any length prefix, and turns 2 bytes into an object of 170.
/// </summary>
internal ref struct WirePreScan
{
    /// <summary>Deepest nesting of messages.</summary>
    public const int MaxDepth = 64;

    /// <summary>Most messages within a file.</summary>
    public const int MaxMessages = 4_000_000;

    /// <summary>Longest name in bytes.</summary>
    public const int MaxNameBytes = 1024;

    // Unknown fields that are remembered by name.
    private const int MaxUnknownNamed = 32;

    // Memory of the parsed objects, estimated: at most 8 times the file and 64 MiB.
    private const int BytesPerMessage = 168;
    private const int BytesPerString = 40;
    private const int MemoryFactor = 8;
    private const long MemoryBase = 64L << 20;

    private readonly ReadOnlySpan<byte> _data;
    private readonly string? _file;
    private readonly long _memoryLimit;
    private int _messages;
    private long _memory;

    private WirePreScan(ReadOnlySpan<byte> data, string? file)
    {
        _data = data;
        _file = file;
        _memoryLimit = data.Length * (long)MemoryFactor + MemoryBase;
        UnknownFields = new SortedSet<string>(StringComparer.Ordinal);
    }

    /// <summary>Fields that the format's schema does not have, as <c>Message.number</c>.</summary>
    private SortedSet<string> UnknownFields { get; }

    /// <summary>Checks a whole message and what it contains.</summary>
    /// <param name="data">The file.</param>
    /// <param name="type">Schema of the outermost message.</param>
    /// <param name="file">File name for diagnostics.</param>
    /// <returns>Unknown fields that were stepped over, as <c>Message.number</c>.</returns>
    /// <exception cref="EbspException">EBSP1003: not well formed. EBSP1004: beyond a limit.</exception>
    public static IReadOnlyCollection<string> Check(ReadOnlySpan<byte> data, MessageDescriptor type, string? file)
    {
        WirePreScan scan = new(data, file);
        scan.Message(0, data.Length, type, 0);
        return scan.UnknownFields;
    }

    private void Message(int start, int end, MessageDescriptor type, int depth)
    {
        if (depth >= MaxDepth)
            throw Limit($"messages nested more than {MaxDepth} deep");
        if (++_messages > MaxMessages)
            throw Limit($"more than {MaxMessages} messages");
        Spend(BytesPerMessage);
        ulong seen = 0;
        ulong seenChoices = 0;
        for (int at = start; at < end;)
        {
            int fieldStart = at;
            ulong tag = Varint(ref at, end);
            ulong number = tag >> 3;
            if (tag > uint.MaxValue || number is 0 or > 536_870_911)
                throw Malformed(fieldStart, $"field number {number}");
            int wire = (int)(tag & 7);
            FieldDescriptor? field = type.FindFieldByNumber((int)number);
            if (field is null)
            {
                if (UnknownFields.Count < MaxUnknownNamed)
                    UnknownFields.Add(string.Create(CultureInfo.InvariantCulture, $"{type.Name}.{number}"));
                Skip(ref at, end, wire);
                continue;
            }

            if (!field.IsRepeated && number < 64)
            {
                if ((seen >> (int)number & 1) != 0)
                    throw Malformed(fieldStart, $"the field '{field.Name}' of {type.Name} is there twice");
                seen |= 1UL << (int)number;
            }

            if (field.RealContainingOneof is { } choice)
            {
                if ((seenChoices >> choice.Index & 1) != 0)
                    throw Malformed(fieldStart, $"two of the choice '{choice.Name}' of {type.Name}");
                seenChoices |= 1UL << choice.Index;
            }

            Field(ref at, end, wire, field, depth);
        }
    }

    private void Field(ref int at, int end, int wire, FieldDescriptor field, int depth)
    {
        int start = at;
        int wanted = WireType(field.FieldType);
        bool packed = wire == 2 && wanted != 2 && field.IsRepeated;
        if (wire != wanted && !packed)
            throw Malformed(start, $"the field '{field.Name}' of {field.ContainingType.Name} has wire type {wire}");
        if (wire != 2)
        {
            Skip(ref at, end, wire);
            if (field.IsRepeated)
                Spend(sizeof(long));
            return;
        }

        int length = Length(ref at, end);
        int stop = at + length;
        if (packed)
            Packed(at, stop, wanted, field);
        else if (field.FieldType == FieldType.Message)
            Message(at, stop, field.MessageType, depth + 1);
        else if (field.FieldType == FieldType.String)
            Name(at, length, field);
        else
            Spend(length + (long)BytesPerString);
        at = stop;
    }

    private void Packed(int at, int stop, int wire, FieldDescriptor field)
    {
        int size = wire == 5 ? 4 : 8;
        if (wire != 0)
        {
            if ((stop - at) % size != 0)
                throw Malformed(at, $"{stop - at} bytes of packed '{field.Name}'");
            Spend(stop - at);
            return;
        }

        int width = field.FieldType is FieldType.Int32 or FieldType.SInt32 or FieldType.UInt32 or FieldType.Bool ? 4 : 8;
        while (at < stop)
        {
            Varint(ref at, stop);
            Spend(width);
        }
    }

    private void Name(int at, int length, FieldDescriptor field)
    {
        Spend(2L * length + BytesPerString);
        ReadOnlySpan<byte> bytes = _data.Slice(at, length);
        if (!Utf8.IsValid(bytes))
            throw Malformed(at, $"'{field.Name}' of {field.ContainingType.Name} is not UTF-8");
        // Free text may be long and have lines.
        if (field.Name == "doc_string" || field.ContainingType.Name == "StringStringEntryProto")
            return;
        if (length > MaxNameBytes)
            throw Limit($"a '{field.Name}' of {length} bytes; names have at most {MaxNameBytes}");
        if (bytes.IndexOfAnyInRange((byte)0, (byte)31) >= 0 || bytes.IndexOfAnyInRange((byte)127, (byte)255) >= 0
            && HasHiddenCharacters(bytes))
            throw Malformed(at, $"'{field.Name}' of {field.ContainingType.Name} has control or direction characters");
    }

    private static bool HasHiddenCharacters(ReadOnlySpan<byte> utf8)
    {
        while (Rune.DecodeFromUtf8(utf8, out Rune rune, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return true;
            utf8 = utf8[consumed..];
        }

        return false;
    }

    private void Skip(ref int at, int end, int wire)
    {
        int start = at;
        switch (wire)
        {
            case 0:
                Varint(ref at, end);
                return;
            case 1 or 5:
                at += wire == 1 ? 8 : 4;
                break;
            case 2:
                // The library keeps unknown bytes.
                int length = Length(ref at, end);
                Spend(length + (long)BytesPerString);
                at += length;
                break;
            default:
                throw Malformed(start, $"wire type {wire} (groups are not used by this format)");
        }

        if (at > end)
            throw Malformed(start, $"a number of {at - start} bytes leaves the enclosing message");
    }

    private readonly int Length(ref int at, int end)
    {
        int start = at;
        ulong length = Varint(ref at, end);
        return length <= (ulong)(end - at)
            ? (int)length
            : throw Malformed(start, $"a length of {length} bytes leaves the enclosing message");
    }

    private readonly ulong Varint(ref int at, int end)
    {
        int start = at;
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (at >= end)
                throw Malformed(start, $"the enclosing message ends within a number");
            byte next = _data[at++];
            if (shift == 63 && next > 1)
                break;
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return value;
        }

        throw Malformed(start, $"a number of more than 64 bits");
    }

    private void Spend(long bytes)
    {
        _memory += bytes;
        if (_memory > _memoryLimit)
            throw Limit($"the file would take more than {_memoryLimit >> 20} MiB of memory");
    }

    private static int WireType(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => 1,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => 5,
        FieldType.String or FieldType.Bytes or FieldType.Message => 2,
        _ => 0,
    };

    private readonly EbspException Malformed(int at, FormattableString text) =>
        DiagnosticDescriptors.MalformedMessage.Error(_file, null, at, text.ToString(CultureInfo.InvariantCulture));

    private readonly EbspException Limit(FormattableString text) =>
        DiagnosticDescriptors.ModelLimit.Error(_file, null, text.ToString(CultureInfo.InvariantCulture));
}

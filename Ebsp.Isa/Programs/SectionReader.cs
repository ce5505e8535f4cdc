using System.Buffers.Binary;
using System.Text;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>
/// Reads a section. Total: whatever the bytes are, it ends with a value or an <see cref="EbspFormatException"/>, and nothing is
/// allocated before the bytes for it are known to be there.
/// </summary>
internal ref struct SectionReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly SectionId _section;
    private readonly long _offset;
    private int _position;

    public SectionReader(ReadOnlySpan<byte> bytes, SectionId section, long offset)
    {
        _bytes = bytes;
        _section = section;
        _offset = offset;
    }

    public readonly bool IsAtEnd => _position == _bytes.Length;

    public byte Byte() => Take(1)[0];

    public short Int16() => BinaryPrimitives.ReadInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public PatternFormat Format()
    {
        long field = (ushort)Int16();
        return FormatField.IsValid(field) ? FormatField.Decode(field) : throw Broken($"0x{field:X4} names no number format");
    }

    public string Text()
    {
        int length = (ushort)Int16();
        if (length > SectionText.MaxBytes)
            throw Broken($"a text has at most {SectionText.MaxBytes} bytes, not {length}");
        string text;
        try
        {
            text = SectionText.Utf8.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Broken("a text is not valid UTF-8");
        }

        return SectionText.Violation(text) is { } violation ? throw Broken(violation) : text;
    }

    /// <summary>A number of items that take at least so many bytes each, all of which are still to come.</summary>
    public int Count(int itemBytes)
    {
        int count = Int32();
        return count >= 0 && count <= (_bytes.Length - _position) / itemBytes
            ? count
            : throw Broken($"{(uint)count} items of at least {itemBytes} bytes do not fit into the section");
    }

    /// <summary>Checks that so many items of so many bytes are still to come.</summary>
    public void Require(long count, int itemBytes)
    {
        if (count < 0 || count > (_bytes.Length - _position) / itemBytes)
            throw Broken($"{count} items of {itemBytes} bytes do not fit into the section");
    }

    public void End()
    {
        if (_position != _bytes.Length)
            throw Broken($"{_bytes.Length - _position} bytes follow the content");
    }

    public EbspFormatException Broken(string cause) =>
        new(ProgramRule.Section, _offset + _position, $"section {_section.ToString().ToLowerInvariant()}", cause);

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _position)
            throw Broken("the section ends before its content");
        _position += length;
        return _bytes.Slice(_position - length, length);
    }
}

using System.Buffers;
using System.Buffers.Binary;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>Writes a section: little-endian numbers, texts with their length in front.</summary>
internal sealed class SectionWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void Int16(short value)
    {
        BinaryPrimitives.WriteInt16LittleEndian(_bytes.GetSpan(2), value);
        _bytes.Advance(2);
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    public void Format(PatternFormat format) => Int16((short)FormatField.Encode(format));

    public void Text(string text)
    {
        if (SectionText.Violation(text) is { } violation)
            throw new ArgumentException($"'{text}': {violation}", nameof(text));
        byte[] utf8 = SectionText.Utf8.GetBytes(text);
        if (utf8.Length > SectionText.MaxBytes)
            throw new ArgumentException($"a text of a program has at most {SectionText.MaxBytes} bytes, not {utf8.Length}", nameof(text));
        Int16((short)utf8.Length);
        _bytes.Write(utf8);
    }
}

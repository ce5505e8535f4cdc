using System.Globalization;
using System.Runtime.InteropServices;

namespace Ebsp.Isa.Numerics;

/// <summary>Weights as a bit stream of codes (<see cref="BitPacking"/>), packed or plain, and back. Both ways go through a table of 256
/// entries.</summary>
public static class WeightPacking
{
    // Eight codes end on a byte, so a stream of blocks is the stream of the whole.
    private const int Block = 4096;

    // Neither a code (it would be a negative zero, or has too many bits) nor a value (-2^7 belongs to no format).
    private const byte Absent = 0x80;

    /// <summary>Bits of one code, 1..8.</summary>
    /// <exception cref="ArgumentException">The format has more than 8 bits.</exception>
    public static int Bits(PatternFormat format, WeightCoding coding) =>
        coding == WeightCoding.Index || format.Bits > PatternFormat.MaxOperandBits ? WeightCode.Bits(format) : format.Bits;

    /// <summary>Bytes of a stream of weights.</summary>
    /// <exception cref="ArgumentException">The format has more than 8 bits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static int PackedBytes(int count, PatternFormat format, WeightCoding coding) =>
        BitPacking.PackedBytes(count, Bits(format, coding));

    /// <summary>Packs values of the format.</summary>
    /// <param name="values">Values of the format.</param>
    /// <param name="format">A format whose <see cref="PatternFormat.MaxMagnitude"/> is at most 127.</param>
    /// <param name="coding">Packed or plain codes.</param>
    /// <param name="packed">At least <see cref="PackedBytes"/> long; the rest is left alone. Undefined after an exception.</param>
    /// <exception cref="ArgumentException">A value is outside the format (the message names its index), the format is too wide, or the
    /// target too short.</exception>
    public static void Pack(ReadOnlySpan<sbyte> values, PatternFormat format, WeightCoding coding, Span<byte> packed)
    {
        RefuseWide(format);
        int bits = Bits(format, coding);
        packed = packed[..BitPacking.Length(packed.Length, values.Length, bits, nameof(packed))];
        Span<byte> table = stackalloc byte[ByteTable.Size], codes = stackalloc byte[Block];
        FillEncoding(table, format, coding);
        for (int start = 0; start < values.Length; start += Block)
        {
            ReadOnlySpan<sbyte> block = values.Slice(start, Math.Min(Block, values.Length - start));
            Span<byte> blockCodes = codes[..block.Length];
            ByteTable.Map(table, MemoryMarshal.AsBytes(block), blockCodes);
            int refused = blockCodes.IndexOf(Absent);
            if (refused >= 0)
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture,
                    $"the value {block[refused]} at index {start + refused} is not in {format}"), nameof(values));
            BitPacking.Pack(blockCodes, bits, packed[(start / 8 * bits)..]);
        }
    }

    /// <summary>Unpacks values.</summary>
    /// <param name="packed">At least <see cref="PackedBytes"/> long; the bits after the last code are not looked at.</param>
    /// <param name="format">A format whose <see cref="PatternFormat.MaxMagnitude"/> is at most 127.</param>
    /// <param name="coding">Packed or plain codes.</param>
    /// <param name="values">Filled with values of the format; undefined if false is returned.</param>
    /// <param name="firstBad">Index of the first code that no value of the format has, or -1.</param>
    /// <returns>Whether every code was one of the format.</returns>
    /// <exception cref="ArgumentException">The format is too wide, or the stream too short.</exception>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, PatternFormat format, WeightCoding coding, Span<sbyte> values, out int firstBad)
    {
        RefuseWide(format);
        int bits = Bits(format, coding);
        packed = packed[..BitPacking.Length(packed.Length, values.Length, bits, nameof(packed))];
        Span<byte> table = stackalloc byte[ByteTable.Size], codes = stackalloc byte[Block];
        FillDecoding(table, format, coding);
        for (int start = 0; start < values.Length; start += Block)
        {
            Span<byte> block = MemoryMarshal.AsBytes(values.Slice(start, Math.Min(Block, values.Length - start)));
            Span<byte> blockCodes = codes[..block.Length];
            BitPacking.Unpack(packed[(start / 8 * bits)..], bits, blockCodes);
            ByteTable.Map(table, blockCodes, block);
            int refused = block.IndexOf(Absent);
            if (refused >= 0)
            {
                firstBad = start + refused;
                return false;
            }
        }

        firstBad = -1;
        return true;
    }

    private static void FillEncoding(Span<byte> table, PatternFormat format, WeightCoding coding)
    {
        table.Fill(Absent);
        for (int value = format.MinValue; value <= format.MaxMagnitude; value++)
        {
            if (!format.Contains(value))
                continue;
            table[(byte)value] = (byte)(coding == WeightCoding.Index ? WeightCode.Encode(value, format) : SlotCode.Encode(value, format));
        }
    }

    private static void FillDecoding(Span<byte> table, PatternFormat format, WeightCoding coding)
    {
        table.Fill(Absent);
        for (int code = 0; code < 1 << Bits(format, coding); code++)
        {
            if (coding == WeightCoding.Index
                ? WeightCode.TryDecode(code, format, out int value)
                : SlotCode.TryDecode(code, format, out value))
                table[code] = (byte)value;
        }
    }

    private static void RefuseWide(PatternFormat format)
    {
        if (format.MaxMagnitude > sbyte.MaxValue)
            throw new ArgumentException($"the magnitudes of {format} do not fit a signed byte", nameof(format));
    }
}

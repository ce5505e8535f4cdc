using System.Numerics;

namespace Ebsp.Isa.Numerics;

/// <summary>
/// Packed weight codes: the index of the magnitude within its ascending set, with the sign above it, in as few bits as the set needs
/// (the 31 values of s6(3) take 5 bits).
/// </summary>
/// <remarks>
/// A window set has index(m, s) = s * 2^(k-1) + m, so the array's edge decodes an index with one comparison and no table: below 2^k it
/// is m itself at s = 0, else s = (index >> (k-1)) - 1 and m = 2^(k-1) + (index mod 2^(k-1)). A single-run set has no such form and
/// needs a table of at most 27 entries; the index of a plain magnitude is itself.
/// </remarks>
public static class WeightCode
{
    /// <summary>Bits of one code, 1..8: the sign, if there is one, and the index.</summary>
    /// <param name="format">A format of at most 8 bits.</param>
    /// <exception cref="ArgumentException">A 16- or 32-bit format: no weight has one.</exception>
    public static int Bits(PatternFormat format)
    {
        if (format.Bits > PatternFormat.MaxOperandBits)
            throw new ArgumentException("weights have formats of at most 8 bits", nameof(format));
        return (format.Signed ? 1 : 0) + BitOperations.Log2((uint)(format.MagnitudeCount - 1)) + 1;
    }

    /// <summary>The packed code of a value of the set.</summary>
    public static int Encode(int value, PatternFormat format)
    {
        int magnitude = Math.Abs(value);
        int index = format.Kind switch
        {
            FormatKind.Window => KernelIndex(magnitude, format.PatternLength),
            FormatKind.SingleRun => format.Magnitudes().TakeWhile(m => m < magnitude).Count(),
            _ => magnitude,
        };
        return value < 0 ? index | 1 << (Bits(format) - 1) : index;
    }

    /// <summary>The value of a packed code; false, and 0, if no value of the set has it (a negative zero, an index beyond the
    /// set).</summary>
    public static bool TryDecode(int code, PatternFormat format, out int value)
    {
        int bits = Bits(format);
        value = 0;
        if (code < 0 || code >> bits != 0)
            return false;
        bool negative = format.Signed && code >> (bits - 1) != 0;
        int index = negative ? code & ((1 << (bits - 1)) - 1) : code;
        if (index >= format.MagnitudeCount || (negative && index == 0))
            return false;
        int magnitude = format.Kind switch
        {
            FormatKind.Window => WindowMagnitude(index, format.PatternLength),
            FormatKind.SingleRun => format.Magnitudes().ElementAt(index),
            _ => index,
        };
        value = negative ? -magnitude : magnitude;
        return true;
    }

    private static int KernelIndex(int magnitude, int patternLength)
    {
        PatternCode code = PatternCode.Steer(magnitude, patternLength);
        return (code.Shift << (patternLength - 1)) + code.Significand;
    }

    private static int WindowMagnitude(int index, int patternLength)
    {
        int half = 1 << (patternLength - 1);
        return index < half << 1 ? index : (half | (index & (half - 1))) << ((index >> (patternLength - 1)) - 1);
    }
}

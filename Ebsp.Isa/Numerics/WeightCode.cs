using System.Numerics;

namespace Ebsp.Isa.Numerics;

/// <summary>
/// Packed weight codes: the index of the magnitude within its set, with the sign above it, in as few bits as the set needs
/// (the 31 values of s6(3) take 5 bits).
/// </summary>
/// <remarks>
/// A window set in ascending order has index(m, s) = s * 2^(k-1) + m, so the array's edge decodes an index with one comparison
/// and no table: below 2^k it is m itself at s = 0, else s = (index >> (k-1)) - 1 and m = 2^(k-1) + (index mod 2^(k-1)).
/// </remarks>
public static class WeightCode
{
    /// <summary>Bits of one code: the sign, if there is one, and the index.</summary>
    /// <param name="format">A window format, or a plain one (whose code is its sign-magnitude code of B bits).</param>
    /// <exception cref="ArgumentException">A single-run format: its sets are coded plainly.</exception>
    public static int Bits(PatternFormat format)
    {
        if (format.Kind == FormatKind.SingleRun)
            throw new ArgumentException("single-run sets have no packed code", nameof(format));
        return (format.Signed ? 1 : 0) + BitOperations.Log2((uint)(format.MagnitudeCount - 1)) + 1;
    }

    /// <summary>The packed code of a value of the set.</summary>
    public static int Encode(int value, PatternFormat format)
    {
        int index = Math.Abs(value);
        if (format.Kind == FormatKind.Window)
        {
            PatternCode code = PatternCode.Steer(index, format.PatternLength);
            index = (code.Shift << (format.PatternLength - 1)) + code.Significand;
        }

        return value < 0 ? index | 1 << (Bits(format) - 1) : index;
    }

    /// <summary>The value of a packed code; false if no value of the set has it (a negative zero, an index beyond the set).</summary>
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
        int magnitude = index;
        if (format.Kind == FormatKind.Window && index >= 1 << format.PatternLength)
        {
            int half = 1 << (format.PatternLength - 1);
            magnitude = (half | (index & (half - 1))) << ((index >> (format.PatternLength - 1)) - 1);
        }

        value = negative ? -magnitude : magnitude;
        return true;
    }
}

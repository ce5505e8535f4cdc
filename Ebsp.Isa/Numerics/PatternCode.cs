namespace Ebsp.Isa.Numerics;

/// <summary>
/// An operand as the PE array sees it: sign, significand m and shift s, with value = +-(m * 2^s).
/// </summary>
/// <param name="Negative">The sign; never set on zero.</param>
/// <param name="Significand">m, 0..2^k-1.</param>
/// <param name="Shift">s, 0..M-k.</param>
public readonly record struct PatternCode(bool Negative, int Significand, int Shift)
{
    /// <summary>The value: +-(m * 2^s).</summary>
    public int Value => Negative ? -(Significand << Shift) : Significand << Shift;

    /// <summary>
    /// Steering: the leading-one detector finds position p, the multiplexer takes the k bits from p down.
    /// p &gt;= k - 1 gives s = p - k + 1, else s = 0: one code a value. Bits below the window are dropped; a pattern operand has none.
    /// </summary>
    /// <param name="value">The operand, not int.MinValue.</param>
    /// <param name="patternLength">k of the hardware, 1..4.</param>
    public static PatternCode Steer(int value, int patternLength)
    {
        int magnitude = Math.Abs(value);
        int position = LeadingOneDetector.Position(magnitude);
        int shift = Math.Max(position - patternLength + 1, 0);
        return new PatternCode(value < 0, magnitude >> shift, shift);
    }
}

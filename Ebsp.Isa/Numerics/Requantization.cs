namespace Ebsp.Isa.Numerics;

/// <summary>
/// Requantization, the one definition for convolution outputs, residual adds, averages, affine steps and concat rescaling.
/// </summary>
public static class Requantization
{
    /// <summary>Largest shift n.</summary>
    public const int MaxShift = 62;

    /// <summary>r = (a * m + b * mb + d + 2^(n-1)) &gt;&gt; n in int64, arithmetic shift: round half up on the signed value.</summary>
    /// <param name="a">Accumulator or tensor element.</param>
    /// <param name="m">Multiplier of its channel, |m| &lt; 2^31.</param>
    /// <param name="b">Plain tensor element of at most 16 bits, or 0.</param>
    /// <param name="mb">Its multiplier, |mb| &lt; 2^31.</param>
    /// <param name="d">Constant of the channel, or 0.</param>
    /// <param name="n">Shift, 1..62.</param>
    /// <remarks>The compiler proves that the sum stays inside int64; the machine wraps.</remarks>
    public static long Requantize(int a, int m, int b, int mb, long d, int n) =>
        unchecked((long)a * m + (long)b * mb + d + (1L << (n - 1))) >> n;

    /// <summary>Tensor product of the vector unit: r = (a * b * m + 2^(n-1)) &gt;&gt; n, |a|, |b| &lt; 2^15, 0 &lt;= m &lt; 2^31.</summary>
    public static long Product(int a, int b, int m, int n) => unchecked((long)a * b * m + (1L << (n - 1))) >> n;

    /// <summary>Clamps r to [lo, hi].</summary>
    public static int Clamp(long r, int lo, int hi) => (int)Math.Clamp(r, lo, hi);
}

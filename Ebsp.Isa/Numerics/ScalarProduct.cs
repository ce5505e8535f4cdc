namespace Ebsp.Isa.Numerics;

/// <summary>
/// The exact scalar product, as a column of processing elements forms it: leading-one detector, steering, table, shift, sign, add; int32
/// two's complement, wrapping.
/// </summary>
public static class ScalarProduct
{
    /// <summary>psum + sum of a[i] * w[i] of operands that are steered already.</summary>
    /// <param name="a">Activations.</param>
    /// <param name="w">Weights, as many.</param>
    /// <param name="table">The table of the hardware's pattern length, for which both were steered.</param>
    /// <param name="psum">Bias or the psum so far.</param>
    /// <exception cref="ArgumentException">The operands differ in length.</exception>
    public static int Accumulate(ReadOnlySpan<PatternCode> a, ReadOnlySpan<PatternCode> w, ProductTable table, int psum = 0)
    {
        ArgumentNullException.ThrowIfNull(table);
        RefuseLengths(a.Length, w.Length);
        for (int i = 0; i < a.Length; i++)
            psum = unchecked(psum + table.Multiply(a[i], w[i]));
        return psum;
    }

    /// <summary>psum + sum of a[i] * w[i] of values on the pattern, each steered first.</summary>
    /// <param name="a">Activations, on a pattern of at most the hardware's length.</param>
    /// <param name="w">Weights, as many, on such a pattern.</param>
    /// <param name="table">The table of the hardware's pattern length.</param>
    /// <param name="psum">Bias or the psum so far.</param>
    /// <exception cref="ArgumentException">The operands differ in length.</exception>
    public static int Accumulate(ReadOnlySpan<int> a, ReadOnlySpan<int> w, ProductTable table, int psum = 0)
    {
        ArgumentNullException.ThrowIfNull(table);
        RefuseLengths(a.Length, w.Length);
        for (int i = 0; i < a.Length; i++)
        {
            PatternCode activation = PatternCode.Steer(a[i], table.PatternLength), weight = PatternCode.Steer(w[i], table.PatternLength);
            psum = unchecked(psum + table.Multiply(activation, weight));
        }

        return psum;
    }

    private static void RefuseLengths(int activations, int weights)
    {
        if (activations != weights)
            throw new ArgumentException("activations and weights differ in number", nameof(weights));
    }
}

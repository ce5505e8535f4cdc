using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Training.Modules;

/// <summary>
/// The backward side of storing a value: the straight-through estimator. The gradient of a stored value is that of the real value inside
/// the clip, and 0 outside; the scale's is the sum of g * (q - x) inside, and g * bound outside (LSQ), x in units and q its integer.
/// </summary>
internal static class StoreKernel
{
    // Sums of float32 lanes stay short: a block of so many vectors goes into a double.
    private const int Block = 512;

    /// <summary>Bounds of a stored tensor in units, as the emission sets them from real clamp bounds.</summary>
    /// <param name="Lo">Lower bound.</param>
    /// <param name="Hi">Upper bound.</param>
    /// <param name="LearnsLo">Whether the lower bound is the format's, which moves with the scale, and not the network's clamp.</param>
    /// <param name="LearnsHi">The same of the upper one.</param>
    public readonly record struct Bounds(int Lo, int Hi, bool LearnsLo, bool LearnsHi)
    {
        /// <summary>The bounds of a format and a clamp on a scale.</summary>
        public static Bounds Of(PatternFormat format, float minimum, float maximum, float scale)
        {
            int limit = (int)((1L << format.MagnitudeBits) - 1), least = format.Signed ? -limit : 0;
            int lo = (int)Math.Clamp(Math.Round((double)minimum / scale), least, limit);
            int hi = (int)Math.Clamp(Math.Round((double)maximum / scale), least, limit);
            return new Bounds(lo, hi, lo <= format.MinValue, hi >= format.MaxMagnitude);
        }
    }

    /// <summary>The gradient of the real values.</summary>
    /// <param name="values">Real values.</param>
    /// <param name="gradients">Of the stored values.</param>
    /// <param name="inverseScale">1 / scale.</param>
    /// <param name="format">Format of one term; of two terms clip and rounding are those of their sum, to within half a unit.</param>
    /// <param name="terms">1, or 2.</param>
    /// <param name="bounds">Clamp in units.</param>
    /// <param name="nearest">Whether the value is rounded as weights are.</param>
    /// <param name="add">Whether the result is added to what is there.</param>
    /// <param name="result">Of the real values.</param>
    /// <returns>The gradient of the scale.</returns>
    public static double Backward(
        ReadOnlySpan<float> values, ReadOnlySpan<float> gradients, float inverseScale, PatternFormat format, int terms, Bounds bounds,
        bool nearest, bool add, Span<float> result)
    {
        // Two terms make nearly every integer: the grid of plain integers stands for theirs.
        PatternFormat effective = terms == 1 && format.Kind != FormatKind.SingleRun ? format
            : PatternFormat.Uniform(format.Bits, format.Signed);
        FloatGrid grid = new(effective, bounds.Lo, bounds.Hi);
        float least = Math.Max(bounds.Lo, effective.MinValue), most = Math.Max(least, Math.Min(bounds.Hi, effective.MaxMagnitude));
        Vector256<float> inverse = Vector256.Create(inverseScale), low = Vector256.Create(least), high = Vector256.Create(most);
        Vector256<float> below = Vector256.Create(bounds.LearnsLo ? least : 0), above = Vector256.Create(bounds.LearnsHi ? most : 0);
        int whole = values.Length / Vector256<float>.Count;
        ReadOnlySpan<Vector256<float>> x = MemoryMarshal.Cast<float, Vector256<float>>(values);
        ReadOnlySpan<Vector256<float>> g = MemoryMarshal.Cast<float, Vector256<float>>(gradients);
        Span<Vector256<float>> to = MemoryMarshal.Cast<float, Vector256<float>>(result);
        double sum = 0;
        for (int first = 0; first < whole; first += Block)
        {
            int end = Math.Min(whole, first + Block);
            Vector256<float> lanes = default;
            for (int i = first; i < end; i++)
            {
                Vector256<float> r = x[i] * inverse, q = nearest ? grid.Nearest(r) : grid.Requantize(r);
                Vector256<float> under = Vector256.LessThanOrEqual(r, low), over = Vector256.GreaterThanOrEqual(r, high);
                Vector256<float> passed = Vector256.AndNot(g[i], under | over);
                Vector256<float> slope = Vector256.ConditionalSelect(under, below, Vector256.ConditionalSelect(over, above, q - r));
                lanes += g[i] * slope;
                to[i] = add ? to[i] + passed : passed;
            }

            sum += Vector256.Sum(lanes);
        }

        // The tail, in a vector of its own.
        if (values.Length % Vector256<float>.Count is > 0 and var tail)
        {
            Span<float> padded = stackalloc float[3 * Vector256<float>.Count];
            padded.Clear();
            int start = values.Length - tail, count = Vector256<float>.Count;
            values[start..].CopyTo(padded);
            gradients[start..].CopyTo(padded[count..]);
            result[start..values.Length].CopyTo(padded[(2 * count)..]);
            sum += Backward(padded[..count], padded[count..(2 * count)], inverseScale, format, terms, bounds, nearest, add,
                padded[(2 * count)..]);
            padded.Slice(2 * count, tail).CopyTo(result[start..]);
        }

        return sum;
    }
}

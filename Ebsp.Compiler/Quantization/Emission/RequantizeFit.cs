using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>Real factors as int32 multipliers with one shift.</summary>
internal static class RequantizeFit
{
    /// <summary>
    /// The requantization with the largest shift n at which every multiplier stays inside int32 and every sum inside int64.
    /// </summary>
    /// <param name="factors">Units of the output for one of a: [C] or one.</param>
    /// <param name="reach">Largest |a|: as many.</param>
    /// <param name="second">Units of the output for one of b.</param>
    /// <param name="secondReach">Largest |b|.</param>
    /// <param name="offsets">Units of the output: [C], or empty.</param>
    /// <param name="byValidCount">Whether the factors go by count of valid elements.</param>
    /// <param name="lo">Lower bound.</param>
    /// <param name="hi">Upper bound.</param>
    /// <param name="format">Output format.</param>
    /// <returns>Null if no shift fits.</returns>
    public static Requantize? Fit(
        double[] factors, double[] reach, double second, double secondReach, double[] offsets, bool byValidCount, int lo, int hi,
            PatternFormat format)
    {
        for (int n = Requantization.MaxShift; n >= 1; n--)
        {
            double unit = Math.ScaleB(1, n);
            if (!Fits(unit))
                continue;
            return new Requantize(
                [.. factors.Select(f => (int)Math.Round(f * unit))], byValidCount, (int)Math.Round(second * unit),
                offsets.All(o => o == 0) ? [] : [.. offsets.Select(o => (long)Math.Round(o * unit))], n, lo, hi, format);
        }

        return null;

        bool Fits(double unit)
        {
            // A factor 2 below int64's limit leaves room for what double loses here; the proof follows on integers.
            double limit = Math.ScaleB(1, 62);
            if (Math.Abs(second) * unit > int.MaxValue - 1)
                return false;
            for (int c = 0; c < Math.Max(factors.Length, offsets.Length); c++)
            {
                double factor = (byValidCount ? factors.Max(Math.Abs) : Math.Abs(factors[factors.Length == 1 ? 0 : c])) * unit;
                double sum = factor * reach[reach.Length == 1 ? 0 : c] + Math.Abs(second) * unit * secondReach
                    + (c >= offsets.Length ? 0 : Math.Abs(offsets[c]) * unit) + unit / 2;
                if (factor > int.MaxValue - 1 || sum > limit)
                    return false;
            }

            return true;
        }
    }
}

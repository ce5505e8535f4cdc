using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Error-minimising search for the scale of one tensor.</summary>
internal static class ScaleSearch
{
    // From 5 % above the largest value down to 12 % of it, in steps of about 3 %.
    private const int Candidates = 72;

    /// <summary>Scales to try for values of at most the given magnitude.</summary>
    public static IEnumerable<double> Scales(double largest, PatternFormat format, double lowest = 0.12)
    {
        double ratio = Math.Pow(lowest / 1.05, 1.0 / (Candidates - 1));
        double scale = largest / format.MaxMagnitude * 1.05;
        for (int i = 0; i < Candidates; i++, scale *= ratio)
            yield return scale;
    }

    /// <summary>The scale with the least squared error; 1 where all values are zero.</summary>
    /// <param name="histogram">The values.</param>
    /// <param name="format">The set that they are projected onto.</param>
    public static double Best(MagnitudeHistogram histogram, PatternFormat format)
    {
        if (histogram.Largest == 0)
            return 1;
        NearestTable nearest = NearestTable.Of(format);
        double best = 0, least = double.PositiveInfinity;
        foreach (double scale in Scales(histogram.Largest, format))
        {
            double error = histogram.Error(scale, nearest);
            if (error < least)
                (best, least) = (scale, error);
        }

        return best;
    }
}

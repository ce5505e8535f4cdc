namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Error-minimizing search for the scale of one tensor.</summary>
internal static class ScaleSearch
{
    // From 5 % above the largest value down to 12 % of it, in steps of about 3 %.
    private const int Candidates = 72;

    /// <summary>Scales to try for values of at most the given magnitude.</summary>
    public static IEnumerable<double> Scales(double largest, NearestTable nearest, double lowest = 0.12)
    {
        double ratio = Math.Pow(lowest / 1.05, 1.0 / (Candidates - 1));
        double scale = largest / nearest.Largest * 1.05;
        for (int i = 0; i < Candidates; i++, scale *= ratio)
            yield return scale;
    }

    /// <summary>The scale by a rule; 1 where all values are zero.</summary>
    /// <param name="histogram">The values.</param>
    /// <param name="nearest">The set that they are projected onto.</param>
    /// <param name="clip">The rule.</param>
    public static double By(ClipRule clip, MagnitudeHistogram histogram, NearestTable nearest)
    {
        if (clip.Kind == ClipKind.Search)
            return Best(histogram, nearest);
        double most = clip.Kind == ClipKind.Max ? histogram.Largest : histogram.Percentile(clip.Percent);
        return most == 0 ? 1 : most / nearest.Largest;
    }

    /// <summary>The scale with the least squared error; 1 where all values are zero.</summary>
    /// <param name="histogram">The values.</param>
    /// <param name="nearest">The set that they are projected onto.</param>
    public static double Best(MagnitudeHistogram histogram, NearestTable nearest)
    {
        if (histogram.Largest == 0)
            return 1;
        double best = 0, least = double.PositiveInfinity;
        foreach (double scale in Scales(histogram.Largest, nearest))
        {
            double error = histogram.Error(scale, nearest);
            if (error < least)
                (best, least) = (scale, error);
        }

        return best;
    }
}

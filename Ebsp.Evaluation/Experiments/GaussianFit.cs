using System.Collections.Immutable;
using Ebsp.Compiler.Quantization.Calibration;
using Ebsp.Isa.Numerics;

namespace Ebsp.Evaluation.Experiments;

/// <summary>A standard Gaussian rounded to the values of a format with the scale of the least squared error: it stands for weights where
/// none were measured.</summary>
/// <param name="SignalToNoise">Signal to quantization noise, dB.</param>
/// <param name="Clip">Largest value of the format in standard deviations.</param>
/// <param name="Shares">Share of the weights on each magnitude, both signs together: magnitude and share, 0..1.</param>
internal sealed record GaussianFit(double SignalToNoise, double Clip, ImmutableArray<(int Magnitude, double Share)> Shares)
{
    // The error has one minimum in this range; it is enclosed in coarse steps, then in fine ones.
    private const double LeastClip = 1, MostClip = 5, Coarse = 0.2, Fine = 0.02;

    /// <summary>Fits a format.</summary>
    /// <param name="format">A signed format of at most 8 bits.</param>
    public static GaussianFit Of(PatternFormat format)
    {
        int[] magnitudes = [.. format.Magnitudes().Order()];
        double near = Best(magnitudes, LeastClip, MostClip, Coarse).Clip;
        (double best, double least) = Best(magnitudes, near - Coarse, near + Coarse, Fine);
        return new GaussianFit(Decibels.Of(1, least), best,
            [.. magnitudes.Zip(Cells(magnitudes, best), (magnitude, cell) => (magnitude, cell.Share))]);
    }

    private static (double Clip, double Error) Best(int[] magnitudes, double from, double to, double step)
    {
        (double best, double least) = (from, double.MaxValue);
        for (double clip = from; clip <= to; clip += step)
        {
            double error = Cells(magnitudes, clip).Sum(cell => cell.Error);
            if (error < least)
                (best, least) = (clip, error);
        }

        return (best, least);
    }

    // Share and squared error of what is rounded to each magnitude: the half-normal density between the midpoints, in closed form.
    private static IEnumerable<(double Share, double Error)> Cells(int[] magnitudes, double clip)
    {
        double scale = clip / magnitudes[^1];
        for (int i = 0; i < magnitudes.Length; i++)
        {
            double v = magnitudes[i] * scale, a = i == 0 ? 0 : scale * (magnitudes[i - 1] + magnitudes[i]) / 2,
                b = i + 1 == magnitudes.Length ? double.PositiveInfinity : scale * (magnitudes[i] + magnitudes[i + 1]) / 2;
            double share = Above(a) - Above(b), da = Density(a), db = Density(b);
            double tail = double.IsInfinity(b) ? 0 : b * db;
            yield return (2 * share, 2 * ((1 + v * v) * share - (tail - a * da) + 2 * v * (db - da)));
        }
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    // 1 - Phi(x), x >= 0, within 7.5e-8: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 26.2.17.
    private static double Above(double x)
    {
        if (double.IsInfinity(x))
            return 0;
        double t = 1 / (1 + 0.2316419 * x);
        return Density(x) * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    }
}

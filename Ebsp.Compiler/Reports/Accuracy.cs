namespace Ebsp.Compiler.Reports;

/// <summary>How many labels are among the best classes.</summary>
/// <param name="Best">Classes of an image that count: 1 for top-1, 5 for top-5.</param>
/// <param name="Correct">Images whose label is among them.</param>
/// <param name="Images">Images with a label.</param>
public sealed record Accuracy(int Best, int Correct, int Images)
{
    // The quantile of the standard normal distribution that leaves 2.5 % above it.
    private const double Z = 1.959964;

    /// <summary>Correct / images, 0..1.</summary>
    public double Share => (double)Correct / Images;

    /// <summary>Lower end of Wilson's 95 % score interval of the share: inside 0..1 also for few images and for all right.</summary>
    public double Low95 => Math.Max(0, Center - Half);

    /// <summary>Upper end of the interval.</summary>
    public double High95 => Math.Min(1, Center + Half);

    private double Square => Z * Z / Images;

    private double Center => (Share + Square / 2) / (1 + Square);

    private double Half => Z / (1 + Square) * Math.Sqrt(Share * (1 - Share) / Images + Square / (4 * Images));

    /// <summary>Counts the labels among the best classes; of equal scores the class with the smaller number comes first.</summary>
    /// <param name="scores">N x classes.</param>
    /// <param name="labels">N classes, each in 0 .. classes - 1.</param>
    /// <param name="best">Classes of an image that count.</param>
    public static Accuracy Of(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, int best = 1)
    {
        int classes = scores.Length / labels.Length, correct = 0;
        for (int n = 0; n < labels.Length; n++)
            correct += Before(scores.Slice(n * classes, classes), labels[n]) < best ? 1 : 0;
        return new Accuracy(best, correct, labels.Length);
    }

    // Classes that come before the label: higher scores, and equal ones with a smaller number.
    private static int Before(ReadOnlySpan<float> scores, int label)
    {
        int count = 0;
        for (int c = 0; c < scores.Length; c++)
            count += scores[c] > scores[label] || scores[c] == scores[label] && c < label ? 1 : 0;
        return count;
    }
}

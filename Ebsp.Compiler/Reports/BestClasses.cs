using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Reports;

/// <summary>A class of an image.</summary>
/// <param name="Class">Number, from 0.</param>
/// <param name="Name">Name; null where the model has none.</param>
/// <param name="Probability">0..1; of scores without a softmax, theirs.</param>
/// <param name="Score">As the executor gave it.</param>
public readonly record struct ClassScore(int Class, string? Name, double Probability, float Score);

/// <summary>The best classes of one image.</summary>
/// <param name="Image">Name of the image, or its number.</param>
/// <param name="Classes">Best first; of equal ones the smaller number.</param>
public sealed record BestClasses(string Image, ImmutableArray<ClassScore> Classes)
{
    /// <summary>The best classes of each image.</summary>
    /// <param name="executor">What gave the scores.</param>
    /// <param name="images">The images.</param>
    /// <param name="scores">N x classes.</param>
    /// <param name="best">Classes of each image.</param>
    public static IReadOnlyList<BestClasses> Of(Executor executor, ImageSet images, float[] scores, int best)
    {
        int classes = scores.Length / images.Count;
        BestClasses[] all = new BestClasses[images.Count];
        for (int n = 0; n < all.Length; n++)
        {
            float[] own = scores[(n * classes)..((n + 1) * classes)];
            double[] probabilities = Probabilities(own, executor.Transform);
            all[n] = new BestClasses(images.Names?[n] ?? string.Create(CultureInfo.InvariantCulture, $"image {n}"),
                [.. Enumerable.Range(0, classes).OrderByDescending(c => own[c]).ThenBy(c => c).Take(best).Select(c => new ClassScore(
                    c, executor.Labels.IsDefaultOrEmpty ? null : executor.Labels[c], probabilities[c], own[c]))]);
        }

        return all;
    }

    private static double[] Probabilities(float[] scores, OutputTransform transform)
    {
        double[] values = Array.ConvertAll(scores, score => (double)score);
        if (transform == OutputTransform.LogSoftmax)
            return Array.ConvertAll(values, Math.Exp);
        OutputTransforms.Apply(values, transform is OutputTransform.None ? (int)OutputTransform.Softmax : (int)OutputTransform.None);
        return values;
    }
}

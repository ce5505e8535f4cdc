using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Running;

/// <summary>The classes that scores stand for.</summary>
internal static class Answers
{
    private const int Best = 5;

    /// <summary>The class with the highest score of each image; of equal ones the first.</summary>
    public static int[] Of(float[] scores, int images)
    {
        int classes = scores.Length / images;
        int[] answers = new int[images];
        for (int n = 0; n < images; n++)
        {
            for (int c = 1; c < classes; c++)
            {
                if (scores[n * classes + c] > scores[n * classes + answers[n]])
                    answers[n] = c;
            }
        }

        return answers;
    }

    /// <summary>Prints how many answers are right, and how many labels are among the best five, with the 95 % intervals.</summary>
    /// <exception cref="EbspException">EBSP7105: a label is no class.</exception>
    public static void PrintAccuracy(Call call, float[] scores, int[] labels, string file)
    {
        int classes = scores.Length / labels.Length;
        int bad = Array.FindIndex(labels, label => label < 0 || label >= classes);
        if (bad >= 0)
            throw DiagnosticDescriptors.LabelOutOfRange.Error(file, null, bad, labels[bad], classes);
        int[] better = [.. labels.Select((label, n) => Better(scores.AsSpan(n * classes, classes), label))];
        PrintRatio("top-1", "top1", 1);
        // Of five classes or fewer all are among the best five.
        if (classes > Best)
            PrintRatio("top-5", "top5", Best);

        void PrintRatio(string title, string field, int best)
        {
            int right = better.Count(count => count < best);
            (double low, double high) = Wilson(right, labels.Length);
            call.Print($"{title,-14} {Quantity.Percent((double)right / labels.Length)}, {Quantity.Count(right)} of " +
                $"{Quantity.Count(labels.Length)} (95 % interval {Quantity.Percent(low)} to {Quantity.Percent(high)})");
            call.Result[field] = new JsonObject { ["correct"] = right, ["images"] = labels.Length, ["low95"] = low, ["high95"] = high };
        }
    }

    /// <summary>Prints the best classes of each image with probability and score: lines of their own for one image, else a line an
    /// image.</summary>
    /// <param name="call">Where to.</param>
    /// <param name="executor">What gave the scores.</param>
    /// <param name="images">The images.</param>
    /// <param name="scores">N x classes.</param>
    /// <param name="best">Classes of each image; null for five.</param>
    public static void PrintBest(Call call, Executor executor, ImageSet images, float[] scores, int? best)
    {
        int classes = scores.Length / images.Count;
        JsonArray list = [];
        for (int n = 0; n < images.Count; n++)
        {
            float[] own = scores[(n * classes)..((n + 1) * classes)];
            double[] probabilities = Probabilities(own, executor.Transform);
            int[] order = [.. Enumerable.Range(0, classes).OrderByDescending(c => own[c]).ThenBy(c => c).Take(best ?? Best)];
            string[] texts = [.. order.Select(c => $"{NameOf(c)} {Share(probabilities[c])} ({Quantity.Significant(own[c])})")];
            string image = images.Names?[n] ?? string.Create(CultureInfo.InvariantCulture, $"image {n}");
            if (images.Count == 1)
                call.Print(texts.Select((text, i) =>
                    string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? "best" : ""),-14} {i + 1}. {text}")));
            else
                call.Print($"{image,-14} {string.Join("; ", texts)}");
            list.Add(new JsonObject
            {
                ["image"] = image,
                ["classes"] = new JsonArray([.. order.Select(c => new JsonObject
                {
                    ["class"] = c,
                    ["name"] = executor.Labels.IsDefaultOrEmpty ? null : executor.Labels[c],
                    ["probability"] = double.IsFinite(probabilities[c]) ? probabilities[c] : null, // JSON has neither infinity nor NaN
                    ["score"] = float.IsFinite(own[c]) ? own[c] : null,
                })]),
            });
        }

        call.Result["best"] = list;

        string NameOf(int c) => executor.Labels.IsDefaultOrEmpty
            ? string.Create(CultureInfo.InvariantCulture, $"class {c}")
            : executor.Labels[c];
    }

    // Of a thousand classes most have next to nothing.
    private static string Share(double probability) => probability is > 0 and < 1e-6 ? "under 0.0001 %" : Quantity.Percent(probability);

    // Classes that come before the label: higher scores, and equal ones with a smaller number.
    private static int Better(ReadOnlySpan<float> scores, int label)
    {
        int count = 0;
        for (int c = 0; c < scores.Length; c++)
            count += scores[c] > scores[label] || scores[c] == scores[label] && c < label ? 1 : 0;
        return count;
    }

    private static double[] Probabilities(float[] scores, OutputTransform transform)
    {
        double[] values = Array.ConvertAll(scores, score => (double)score);
        if (transform == OutputTransform.LogSoftmax)
            return Array.ConvertAll(values, Math.Exp);
        OutputTransforms.Apply(values, transform == OutputTransform.None ? (int)OutputTransform.Softmax : (int)OutputTransform.None);
        return values;
    }

    // Wilson's score interval: within 0..1 also for few images and for all right.
    private static (double Low, double High) Wilson(int right, int all)
    {
        const double z = 1.959964;
        double p = (double)right / all, square = z * z / all;
        double center = (p + square / 2) / (1 + square);
        double half = z / (1 + square) * Math.Sqrt(p * (1 - p) / all + square / (4 * all));
        return (Math.Max(0, center - half), Math.Min(1, center + half));
    }
}

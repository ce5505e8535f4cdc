using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Diagnostics;

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

    /// <summary>Prints how many answers are right, with the 95 % interval.</summary>
    /// <exception cref="EbspException">EBSP7105: a label is no class.</exception>
    public static void PrintAccuracy(Call call, int[] answers, int[] labels, int classes, string file)
    {
        int bad = Array.FindIndex(labels, label => label < 0 || label >= classes);
        if (bad >= 0)
            throw DiagnosticDescriptors.LabelOutOfRange.Error(file, null, bad, labels[bad], classes);
        int right = answers.Where((answer, n) => answer == labels[n]).Count();
        (double low, double high) = Wilson(right, answers.Length);
        call.Print($"top-1          {Quantity.Percent((double)right / answers.Length)}, {Quantity.Count(right)} of {Quantity.Count(answers.Length)} (95 % interval {Quantity.Percent(low)} to {Quantity.Percent(high)})");
        call.Result["top1"] = new JsonObject { ["correct"] = right, ["images"] = answers.Length, ["low95"] = low, ["high95"] = high };
    }

    /// <summary>Prints the best classes of each image.</summary>
    public static void PrintBest(Call call, float[] scores, int images, ImmutableArray<string> names)
    {
        int classes = scores.Length / images;
        for (int n = 0; n < images; n++)
        {
            int first = n * classes;
            IEnumerable<string> best = Enumerable.Range(0, classes).OrderByDescending(c => scores[first + c]).ThenBy(c => c).Take(Best)
                .Select(c => string.Create(CultureInfo.InvariantCulture, $"{(names.IsDefaultOrEmpty ? $"class {c}" : names[c])} {Quantity.Significant(scores[first + c])}"));
            call.Print($"image {n,-8} {string.Join(", ", best)}");
        }
    }

    // Wilson's score interval: within 0..1 also for few images and for all right.
    private static (double Low, double High) Wilson(int right, int all)
    {
        const double z = 1.959964;
        double p = (double)right / all, square = z * z / all;
        double centre = (p + square / 2) / (1 + square);
        double half = z / (1 + square) * Math.Sqrt(p * (1 - p) / all + square / (4 * all));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}

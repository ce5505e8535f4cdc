using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;

namespace Ebsp.Compiler.Quantization;

/// <summary>
/// Whether another preprocessing than the given one suits a classifier better. The float network answers the same images under each of the
/// usual ones. Where images have labels, right answers are compared; else what an answer tells of its image, the mutual information
/// between images and classes, I = H(mean of p) - mean of H(p) in nats (Bridle, Heading and MacKay, "Unsupervised classifiers, mutual
/// information and phantom targets", NIPS 1991): a network that sees what it was trained on is sure of each image, and finds them
/// different.
/// </summary>
public static class PreprocessingCheck
{
    // Few images say little of the classes; more than these cost time and change no verdict.
    private const int FewestImages = 16, MostImages = 256;

    private const int MostNamed = 3;

    // Multiplications that the check may take, so that it stays a small part of calibration; with the fewest images it may take more.
    private const double MostProducts = 60e9;

    // Assumed, from 11 networks with 6 to 10 preprocessings each (docs/quantization.md): what is better by less is chance.
    private const double InformationRatio = 1.05, EntropyRatio = 0.8, LeastEntropyGain = 0.1, StandardErrors = 3;

    private static readonly ImmutableArray<double> ImageNetMean = [0.485, 0.456, 0.406], ImageNetStd = [0.229, 0.224, 0.225];

    private static readonly Preprocessing[] UsualOfColor =
    [
        Preprocessing.None, new(1 / 255.0, [0], [1]), new(1 / 255.0, ImageNetMean, ImageNetStd), new(1 / 127.5, [1], [1]),
        new(1, [123.68, 116.779, 103.939], [1]),
    ];

    private static readonly Preprocessing[] UsualOfGray =
    [
        Preprocessing.None, new(1 / 255.0, [0], [1]), new(1 / 255.0, [0.1307], [0.3081]), new(1 / 127.5, [1], [1]), new(1 / 16.0, [0], [1]),
    ];

    /// <summary>Compares the preprocessing of a graph with the usual ones.</summary>
    /// <param name="graph">A float graph with its preprocessing.</param>
    /// <param name="images">Calibration images; raw pixels, else there is nothing to compare.</param>
    /// <param name="threads">Most threads; -1 for one a core. The verdict does not depend on it.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>The warning EBSP2024, or null: the given preprocessing is as good as any, the network is no classifier, or there are fewer
    /// than 16 images.</returns>
    public static Diagnostic? Run(Graph graph, ImageSet images, int threads = -1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(images);
        Shape output = graph.TypeOf(graph.OutputName).Shape;
        if (graph.IsInteger || images.Values is not null || images.Count < FewestImages
            || output is not { Height: 1, Width: 1, Channels: > 1 })
            return null;
        Preprocessing[] others = [.. Others(graph)];
        double products = graph.Nodes.Sum(node => Products(node, graph)) * (others.Length + 1);
        ImageSet part = Decoded(images.Part(0, (int)Math.Clamp(MostProducts / Math.Max(products, 1), FewestImages,
            Math.Min(images.Count, MostImages))));
        int[]? labels = part.Labels is { } given && given.All(label => label >= 0 && label < output.Channels) ? given : null;

        FloatInterpreter first = new(graph with { OutputTransform = OutputTransform.None });

        Answers own = AnswersOf(graph.Preprocessing);
        (Preprocessing Preprocessing, Answers Answers)[] better =
        [
            .. others.Select(other => (Preprocessing: other, Answers: AnswersOf(other))).Where(other => other.Answers.IsBetterThan(own))
                .OrderByDescending(other => other.Answers.Value).Take(MostNamed),
        ];
        if (better.Length > 0)
        {
            string usual = string.Join(labels is null ? ", " : ", on ",
                better.Select(other => $"{other.Answers.Text} with {Text(other.Preprocessing)}"));
            return labels is null
                ? Doubt($"what the answers of the float network tell about {part.Count} images, in nats, is {usual}, and {
                    own.Text} as it is, with {Text(graph.Preprocessing)}")
                : Doubt($"of {part.Count} labeled images the float network is right on {usual}, and on {own.Text} as it is, with {
                    Text(graph.Preprocessing)}");
        }

        // Twice what guessing gives.
        return labels is not null && own.Right * output.Channels < 2 * part.Count && output.Channels > 2
            ? Doubt($"the float network is right on {own.Right} of {part.Count} labeled images, about as guessing, with {
                Text(graph.Preprocessing)}")
            : null;

        Answers AnswersOf(Preprocessing preprocessing)
        {
            Graph network = graph with { Preprocessing = preprocessing };
            float[] scores = new float[part.Count * output.Channels];
            ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
            Parallel.For(0, part.Count, options, first.Fork, (n, _, interpreter) =>
            {
                interpreter.Run(InputImages.Values(network, part, n), scores.AsSpan(n * output.Channels, output.Channels));
                return interpreter;
            }, _ => { });
            return Answers.Of(scores, output.Channels, labels);
        }
    }

    // Images that are read one by one are read once.
    private static ImageSet Decoded(ImageSet part) => part.Load is null ? part
        : part with { Pixels = [.. Enumerable.Range(0, part.Count).SelectMany(n => part.Load(n))], Load = null };

    // The usual ones but those that the graph has, in its order of channels; and its own with the other order.
    private static IEnumerable<Preprocessing> Others(Graph graph)
    {
        Preprocessing own = graph.Preprocessing;
        int channels = graph.InputShape.Channels;
        foreach (Preprocessing usual in channels == 3 ? UsualOfColor : channels == 1 ? UsualOfGray : [])
        {
            Preprocessing other = usual with { ReverseChannels = own.ReverseChannels };
            // Caffe's mean goes with the colors.
            if (own.ReverseChannels && other.Mean.Length > 1)
                other = other with { Mean = [.. other.Mean.Reverse()], Std = [.. other.Std.Reverse()] };
            if (!IsAlmost(own, other, channels))
                yield return other;
        }

        if (channels == 3)
            yield return own with { ReverseChannels = !own.ReverseChannels };
    }

    // Such as 1/128 for 1/127.5.
    private static bool IsAlmost(Preprocessing a, Preprocessing b, int channels) => Enumerable.Range(0, channels).All(c =>
    {
        (double low, double high) = (a.Apply(0, c), a.Apply(255, c));
        double tolerance = 0.02 * Math.Abs(high - low);
        return Math.Abs(low - b.Apply(0, c)) <= tolerance && Math.Abs(high - b.Apply(255, c)) <= tolerance;
    });

    private static double Products(Node node, Graph graph) => node.Op switch
    {
        Conv conv => (double)graph.TypeOf(node.Output).Shape.Elements * conv.Weights.Length / graph.TypeOf(node.Output).Shape.Channels,
        FullyConnected full => full.Weights.Length,
        _ => 0,
    };

    private static string Text(Preprocessing p)
    {
        List<string> options = [$"--scale {(p.Scale < 1 && Whole(1 / p.Scale) is { } parts ? $"1/{parts}" : Exact(p.Scale))}"];
        if (p.Mean.Any(mean => mean != 0))
            options.Add($"--mean {string.Join(',', p.Mean.Select(Exact))}");
        if (p.Std.Any(std => std != 1))
            options.Add($"--std {string.Join(',', p.Std.Select(Exact))}");
        if (p.ReverseChannels)
            options.Add("--channel-order bgr");
        return string.Join(' ', options);
    }

    private static string? Whole(double parts) => Math.Abs(parts * 2 - Math.Round(parts * 2)) < 1e-9 * parts
        ? Exact(Math.Round(parts * 2) / 2) : null;

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static Diagnostic Doubt(FormattableString cause) => DiagnosticDescriptors.DoubtfulPreprocessing.At(null, null,
        cause.ToString(CultureInfo.InvariantCulture)) with { IsWarning = true };

    /// <summary>What a network answers to all images.</summary>
    /// <param name="Information">Mutual information of images and classes, nats.</param>
    /// <param name="Entropies">Entropy of the answer to each image, nats.</param>
    /// <param name="IsRight">Whether each answer is right; null without labels.</param>
    private sealed record Answers(double Information, double[] Entropies, bool[]? IsRight)
    {
        public int Right => IsRight?.Count(right => right) ?? 0;

        public string Text => IsRight is null ? Information.ToString("0.00", CultureInfo.InvariantCulture)
            : Right.ToString(CultureInfo.InvariantCulture);

        /// <summary>By which the best is chosen.</summary>
        public double Value => IsRight is null ? Information : Right;

        public static Answers Of(ReadOnlySpan<float> scores, int classes, int[]? labels)
        {
            int images = scores.Length / classes;
            double[] mean = new double[classes], entropies = new double[images], p = new double[classes];
            bool[]? right = labels is null ? null : new bool[images];
            for (int n = 0; n < images; n++)
            {
                ReadOnlySpan<float> each = scores.Slice(n * classes, classes);
                int best = 0;
                for (int c = 1; c < classes; c++)
                    best = each[c] > each[best] ? c : best;
                double sum = 0;
                for (int c = 0; c < classes; c++)
                    sum += p[c] = Math.Exp((double)each[c] - each[best]);
                for (int c = 0; c < classes; c++)
                    mean[c] += (p[c] /= sum) / images;
                entropies[n] = Entropy(p);
                if (right is not null)
                    right[n] = best == labels![n];
            }

            return new Answers(Entropy(mean) - entropies.Average(), entropies, right);
        }

        public bool IsBetterThan(Answers other)
        {
            if (IsRight is not null)
            {
                // McNemar's test: only images on which one of the two is right tell.
                int gained = IsRight.Zip(other.IsRight!).Count(pair => pair is { First: true, Second: false });
                int lost = IsRight.Zip(other.IsRight!).Count(pair => pair is { First: false, Second: true });
                return gained - lost > StandardErrors * Math.Sqrt(gained + lost);
            }

            double[] gains = [.. other.Entropies.Zip(Entropies, (theirs, ours) => theirs - ours)];
            double gain = gains.Average();
            double error = Math.Sqrt(gains.Sum(each => (each - gain) * (each - gain))) / gains.Length;
            return Information > InformationRatio * other.Information
                || (Entropies.Average() < EntropyRatio * other.Entropies.Average() && gain > LeastEntropyGain
                    && gain > StandardErrors * error);
        }

        private static double Entropy(double[] p)
        {
            double entropy = 0;
            foreach (double each in p)
                entropy -= each > 0 ? each * Math.Log(each) : 0;
            return entropy;
        }
    }
}

using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>What a model file does not say.</summary>
/// <param name="Preprocessing">From raw pixels to input values; null keeps what the model has (pixels as they are for ONNX).</param>
/// <param name="Labels">Class names; where one is missing, class 0 is called "background". Null keeps what the model has.</param>
/// <param name="LabelOffset">Class that the first name belongs to; those below it are called "-". 0 leaves one that is missing to be class
/// 0.</param>
public sealed record ImportOptions(Preprocessing? Preprocessing = null, ImmutableArray<string>? Labels = null, int LabelOffset = 0)
{
    /// <summary>Name of class 0 where a network has one class more than there are names.</summary>
    public const string Background = "background";

    /// <summary>Name of the classes below <see cref="LabelOffset"/>.</summary>
    public const string Unnamed = "-";

    /// <summary>Rows and columns of an input that leaves them open; null where it does not.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>Nothing said.</summary>
    public static ImportOptions Default { get; } = new();

    /// <summary>The graph with preprocessing and labels as said here.</summary>
    /// <exception cref="EbspException">EBSP1012, EBSP1013: they do not fit the model.</exception>
    public Graph ApplyTo(Graph graph, string? file)
    {
        if (Preprocessing is { } p)
        {
            int channels = graph.InputShape.Channels;
            Require(p.Mean.Length == 1 || p.Mean.Length == channels, $"{p.Mean.Length} means for {channels} input channel(s)");
            Require(p.Std.Length == 1 || p.Std.Length == channels, $"{p.Std.Length} deviations for {channels} input channel(s)");
            Require(double.IsFinite(p.Scale) && p.Mean.All(double.IsFinite) && p.Std.All(s => double.IsFinite(s) && s != 0),
                $"a number that is not finite, or a zero deviation");
            graph = graph with { Preprocessing = p };
        }

        if (Labels is { } labels)
        {
            int classes = graph.TypeOf(graph.OutputName).Shape.Channels;
            // TensorFlow's ImageNet networks have one class more, for all other things.
            if (LabelOffset == 0 && labels.Length == classes - 1)
                labels = labels.Insert(0, Background);
            if (labels.Length + (long)LabelOffset != classes)
                throw DiagnosticDescriptors.BadClassNames.Error(file, null, labels.Length, LabelOffset == 0
                    ? ""
                    : FormattableString.Invariant($" from output {LabelOffset} on"), classes);
            graph = graph with { Labels = [.. Enumerable.Repeat(Unnamed, LabelOffset), .. labels] };
        }

        return graph;

        void Require(bool condition, FormattableString text)
        {
            if (!condition)
                throw DiagnosticDescriptors.BadPreprocessing.Error(file, null, FormattableString.Invariant(text));
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;

namespace Ebsp.Samples.WebClassifier;

/// <summary>What the page shows of an image.</summary>
/// <param name="Best">The class with the largest score, an index into Classes.</param>
/// <param name="Classes">All classes in the network's order.</param>
/// <param name="Time">What a run costs on the accelerator; the same for every image.</param>
internal sealed record Answer(int Best, ImmutableArray<ClassScore> Classes, RunTime Time)
{
    /// <summary>Puts names to scores; a model without names has numbers.</summary>
    public static Answer Of(float[] scores, ImmutableArray<string> labels, RunTime time) => new(
        Array.IndexOf(scores, scores.Max()),
        [.. scores.Select((score, c) => new ClassScore(labels.IsEmpty ? c.ToString(CultureInfo.InvariantCulture) : labels[c], score))],
        time);
}

/// <summary>A class and its score, as the model gives it.</summary>
internal sealed record ClassScore(string Label, float Score);

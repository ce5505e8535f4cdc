using System.Collections.Concurrent;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>
/// The scales that concatenated tensors share. A layer writes its part before the other parts are known, so the float network runs ahead
/// on some of the calibration images.
/// </summary>
internal sealed class ConcatFit
{
    // A scale is one number of millions of values: more images change it by less than the steps that are tried.
    private const int MostImages = 32;

    private readonly Planner _plan;
    private readonly Dictionary<string, MagnitudeHistogram> _histograms = new(StringComparer.Ordinal);

    /// <summary>Runs the float network, if it concatenates anything.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="calibration">Images, or null where the network brings its ranges along.</param>
    /// <param name="threads">Threads; the result does not depend on it.</param>
    public ConcatFit(Graph graph, Planner plan, ImageSet? calibration, int threads)
    {
        _plan = plan;
        HashSet<string> roots = [.. plan.Steps.OfType<ConcatStep>().Where(step => step.Into is null).Select(step => step.Output)];
        if (roots.Count == 0 || calibration is null)
            return;
        int count = Math.Min(calibration.Count, MostImages);
        float[] images = [.. Enumerable.Range(0, count)
            .SelectMany(n => InputImages.Values(graph, calibration, (int)((long)n * calibration.Count / count)))];
        ConcurrentDictionary<string, float> largest = new(StringComparer.Ordinal);
        FloatInterpreter.RunAll(graph, images, threads, (_, tensor, values) =>
        {
            if (!roots.Contains(tensor))
                return;
            float most = 0;
            foreach (float value in values)
                most = Math.Max(most, Math.Abs(value));
            largest.AddOrUpdate(tensor, most, (_, before) => Math.Max(before, most));
        });
        foreach (string root in roots)
            _histograms.Add(root, new MagnitudeHistogram(largest[root]));
        FloatInterpreter.RunAll(graph, images, threads, (_, tensor, values) => _histograms.GetValueOrDefault(tensor)?.Add(values));
    }

    /// <summary>The scale of a form of a concatenation and of all its parts.</summary>
    public double Scale(ConcatStep step, PatternFormat format, ClipRule clip) => step.Root.Range is { } range ? range / format.MaxMagnitude
        : _histograms.TryGetValue(step.Root.Output, out MagnitudeHistogram? histogram)
            ? ScaleSearch.By(clip, histogram, NearestTable.Of(format))
        : throw DiagnosticDescriptors.NotQuantized.Error(null, step.Root.Output,
            "without calibration images, a quantization of the tensor");

    /// <summary>Whether no element can be below zero, whatever the image.</summary>
    public bool IsUnsigned(ConcatStep step) => _plan.IsNeverNegative(step.Root.Output);

    /// <summary>Layers that multiply a concatenation, or one that it is a part of or holds: all parts have the format that suits
    /// all.</summary>
    public IEnumerable<Node> MultipliedBy(ConcatStep step) =>
        _plan.Steps.OfType<ConcatStep>().Where(each => each.Root == step.Root).SelectMany(each => each.MultipliedBy);
}

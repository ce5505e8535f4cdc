using System.Collections.Concurrent;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>
/// The scales that concatenated tensors share. A layer writes its part before the other parts are known, so the float network runs ahead
/// on some of the calibration images.
/// </summary>
internal sealed class ConcatFit
{
    // A scale is one number of millions of values: more images change it by less than the steps that are tried.
    private const int MostImages = 32;

    private readonly Dictionary<string, MagnitudeHistogram> _histograms = new(StringComparer.Ordinal);

    /// <summary>Runs the float network, if it concatenates anything.</summary>
    /// <param name="plan">Its plan.</param>
    /// <param name="calibration">Images.</param>
    /// <param name="threads">Threads; the result does not depend on it.</param>
    public ConcatFit(QuantizationPlan plan, ImageSet calibration, int threads)
    {
        Graph graph = plan.Graph;
        HashSet<string> roots = [.. plan.Steps.OfType<ConcatStep>().Select(step => step.Root)];
        if (roots.Count == 0)
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

    /// <summary>The scale of a form of an outermost concatenation and of all its parts.</summary>
    public double Scale(ConcatStep root, PatternFormat format, ClipRule clip) =>
        ScaleSearch.By(clip, _histograms[root.Output], NearestTable.Of(format));
}

using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>What a product, local response or function of stored plain tensors gives on the calibration images.</summary>
internal sealed class MapFit
{
    private readonly MagnitudeHistogram _histogram;

    /// <summary>Runs the float operation on the real tensors, and on what the integers stand for.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="step">Multiply, LocalResponseNorm or PointFunction.</param>
    /// <param name="inputs">The plain tensors that it reads.</param>
    /// <param name="maps">Calibration tensors.</param>
    public MapFit(Graph graph, MapStep step, IntegerTensor[] inputs, CalibrationMaps maps)
    {
        Node node = step.Node;
        Step = step;
        Shape[] shapes = [.. node.Inputs.Select(input => graph.TypeOf(input).Shape)];
        IFloatKernel kernel = FloatKernels.For(node.Op, shapes[0], graph.TypeOf(node.Output).Shape, shapes.AsSpan(1));
        Real = maps.ForEach(n => Run([.. node.Inputs.Select(input => maps.Real(input)[n])]));
        float[][] stored = maps.ForEach(n =>
            Run([.. inputs.Select(input => Array.ConvertAll(maps.Integer(input.Name, n), q => (float)(q * input.Type.Scale)))]));
        _histogram = new MagnitudeHistogram(stored.Max(map => map.Max(Math.Abs)));
        maps.ForEach(n =>
        {
            _histogram.Add(stored[n]);
            return 0;
        });

        float[] Run(float[][] from)
        {
            float[] result = new float[graph.TypeOf(node.Output).Shape.Elements];
            kernel.Run(from, result, new float[kernel.ScratchElements]);
            return result;
        }
    }

    /// <summary>What is fitted.</summary>
    public MapStep Step { get; }

    /// <summary>The float output of each image.</summary>
    public float[][] Real { get; }

    /// <summary>The scale of a form.</summary>
    public double Scale(PatternFormat format, ClipRule clip) => ScaleSearch.By(clip, _histogram, NearestTable.Of(format));

    /// <summary>What a form makes of the output.</summary>
    public OperandReport Report(PatternFormat format, double scale) => _histogram.Report(format, 1, scale);
}

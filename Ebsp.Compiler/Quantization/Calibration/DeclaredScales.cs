using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>The numbers of an already quantized network: its ranges, and weights by their values alone.</summary>
internal sealed class DeclaredScales : IScaleSource
{
    private readonly QuantizationPlan _plan;
    private readonly QuantizedRanges _ranges;
    private readonly QuantizerOptions _options;
    private readonly List<LayerReport> _reports = [];
    private OperandReport? _weights;

    /// <exception cref="EbspException">EBSP2021: the network says no range of its input.</exception>
    public DeclaredScales(QuantizationPlan plan, QuantizedRanges ranges, QuantizerOptions options)
    {
        if (ranges.Input is null)
            throw DiagnosticDescriptors.NotQuantized.Error(null, null,
                $"without calibration images, a quantization of the input '{plan.Graph.InputName}'");
        (_plan, _ranges, _options) = (plan, ranges, options);
        Input = InputCoding.Choose(plan, [ranges.InputLevels()], isRaw: false);
    }

    /// <summary>One row a layer, in order.</summary>
    public IReadOnlyList<LayerReport> Reports => _reports;

    public InputEncoding Input { get; }

    public LayerWeights WeightsOf(LayerStep step, StoredTensor input)
    {
        FittedWeights fitted = new ConvFit(_plan, step, input.Projected!.Type.Scale, _options).Run();
        _weights = fitted.Values;
        return fitted.Weights;
    }

    /// <exception cref="EbspException">EBSP2021: the network says no range of the tensor.</exception>
    public double ScaleOf(PlannedStep step, PatternFormat format, int terms) => _ranges.ScaleOf(step, format, terms)
        ?? throw (step is MapStep map
            ? DiagnosticDescriptors.NotQuantized.Error(null, map.Node.Name, "a set of calibration images, which this operation needs,")
            : DiagnosticDescriptors.NotQuantized.Error(null, step.Output,
                "without calibration images, a quantization of the tensor"));

    public void Finished(PlannedStep step, EmittedStep emitted)
    {
        if (step is LayerStep layer)
            _reports.Add(LayerReport.Of(layer, emitted, double.NaN) with { WeightValues = _weights });
        _weights = null;
    }
}

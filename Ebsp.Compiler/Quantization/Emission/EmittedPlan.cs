using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>A plan with the numbers that an emission took for it: where training starts.</summary>
/// <param name="Plan">What is stored, in which formats.</param>
/// <param name="Input">How the host writes the input.</param>
/// <param name="Steps">What each step of the plan became, the input included, by tensor.</param>
/// <param name="Weights">Integers and scales of each layer that has weights, by the tensor that its step stores.</param>
/// <param name="Offsets">What is added to each channel of a layer, in real units, by the tensor that its step stores.</param>
public sealed record EmittedPlan(
    QuantizationPlan Plan, InputEncoding Input, IReadOnlyDictionary<string, EmittedStep> Steps,
    IReadOnlyDictionary<string, LayerWeights> Weights, IReadOnlyDictionary<string, ImmutableArray<double>> Offsets)
{
    /// <summary>Emits the graph of a plan and keeps the numbers.</summary>
    /// <inheritdoc cref="GraphEmitter.Run(QuantizationPlan, IScaleSource, IProgress{ValueTuple{string, int, int}}, CancellationToken)"/>
    public static (Graph Graph, EmittedPlan Emitted) Run(QuantizationPlan plan, IScaleSource scales,
        IProgress<(string Tensor, int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scales);
        Recorder recorder = new(scales);
        Graph graph = GraphEmitter.Run(plan, recorder, progress, cancellation);
        return (graph, new EmittedPlan(plan, scales.Input, recorder.Steps, recorder.Weights, recorder.Offsets));
    }

    /// <summary>Passes everything on and keeps it.</summary>
    private sealed class Recorder(IScaleSource inner) : IScaleSource
    {
        public Dictionary<string, EmittedStep> Steps { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, LayerWeights> Weights { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, ImmutableArray<double>> Offsets { get; } = new(StringComparer.Ordinal);

        public InputEncoding Input => inner.Input;

        public LayerWeights WeightsOf(LayerStep step, StoredTensor input) => Weights[step.Output] = inner.WeightsOf(step, input);

        public double ScaleOf(PlannedStep step, PatternFormat format, int terms) => inner.ScaleOf(step, format, terms);

        public ImmutableArray<double> OffsetsOf(LayerStep step, RealSum sum) => Offsets[step.Output] = inner.OffsetsOf(step, sum);

        public double? LargestOf(LayerStep step, RealSum sum) => inner.LargestOf(step, sum);

        public void Added(Node node, GraphBuilder graph) => inner.Added(node, graph);

        public void Finished(PlannedStep step, EmittedStep emitted)
        {
            Steps[step.Output] = emitted;
            inner.Finished(step, emitted);
        }
    }
}

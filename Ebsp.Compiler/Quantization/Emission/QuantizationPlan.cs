using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>
/// What an integer network stores, in which formats: the tensors in order, the forms that their readers ask for, the operands of every
/// layer. It has no scales: calibration finds them, training learns them, an already quantized network declares them.
/// </summary>
public sealed class QuantizationPlan
{
    private readonly Dictionary<string, PlannedStep> _byTensor;

    internal QuantizationPlan(Graph graph, InputStep input, int inputTerms, IReadOnlyList<PlannedStep> steps)
    {
        (Graph, Input, InputTerms, Steps) = (graph, input, inputTerms, steps);
        _byTensor = steps.Append(input).ToDictionary(step => step.Output, StringComparer.Ordinal);
    }

    /// <summary>The float graph that was planned.</summary>
    public Graph Graph { get; }

    /// <summary>The network's input with the forms asked of it.</summary>
    public InputStep Input { get; }

    /// <summary>Most pattern terms of the input: 1 or 2.</summary>
    public int InputTerms { get; }

    /// <summary>The stored tensors in order, without the input.</summary>
    public IReadOnlyList<PlannedStep> Steps { get; }

    /// <summary>Plans a float graph.</summary>
    /// <param name="graph">A float graph that went through the float passes.</param>
    /// <param name="options">Formats.</param>
    /// <exception cref="EbspException">EBSP2011: an operation has no integer form.</exception>
    public static QuantizationPlan Of(Graph graph, QuantizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(options);
        return new Planner(graph, options).Run();
    }

    /// <summary>How a tensor is stored.</summary>
    /// <exception cref="KeyNotFoundException">No step stores it.</exception>
    public PlannedStep StepOf(string tensor) => _byTensor[tensor];

    /// <summary>Whether no element of a stored tensor can be below zero, whatever the image.</summary>
    public bool IsNeverNegative(string tensor) => StepOf(tensor) switch
    {
        LayerStep { Minimum: >= 0 } => true,
        LayerStep { Producer: null, B: null } step => step.FactorA.All(factor => factor >= 0) && step.Offset.All(offset => offset >= 0)
            && IsNeverNegative(step.A),
        MoveStep move => IsNeverNegative(move.Node.Inputs[0]),
        MapStep { Node.Op: PointFunction { Kind: PointFunctionKind.Sigmoid or PointFunctionKind.HardSigmoid } } => true,
        ConcatStep concat => concat.Node.Inputs.All(IsNeverNegative),
        _ => false,
    };

    /// <summary>The convolution of a layer: a dense layer is one over the whole map.</summary>
    /// <param name="layer">Conv or FullyConnected.</param>
    internal Conv ConvolutionOf(Node layer)
    {
        Shape input = Graph.TypeOf(layer.Inputs[0]).Shape;
        return layer.Op as Conv ?? (layer.Op is FullyConnected full
            ? new Conv(full.OutputChannels, new KernelWindow(input.Height, input.Width), 1, full.Weights, full.Bias)
            : throw new ArgumentException("a layer without weights", nameof(layer)));
    }
}

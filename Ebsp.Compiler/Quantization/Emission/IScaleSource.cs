using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>Integers of a layer's weights.</summary>
/// <param name="Values">In the order of the float weights; values of the format, or sums of two of them.</param>
/// <param name="Scales">Real weight of one unit by output channel, over 0.</param>
/// <param name="Bias">By output channel, in units of its scale times that of the input.</param>
public sealed record LayerWeights(ImmutableArray<sbyte> Values, ImmutableArray<double> Scales, ImmutableArray<int> Bias);

/// <summary>
/// Where an emission has its numbers from: calibration, training, or an already quantized network. It is asked step by step in the order
/// of the plan, and told what was emitted.
/// </summary>
public interface IScaleSource
{
    /// <summary>How the host writes the input.</summary>
    InputEncoding Input { get; }

    /// <summary>The weights of a convolution or dense layer.</summary>
    /// <param name="step">The layer.</param>
    /// <param name="input">What it multiplies.</param>
    LayerWeights WeightsOf(LayerStep step, StoredTensor input);

    /// <summary>Scale of a form of a layer's output, of a function, or of a concatenation and all its parts; over 0.</summary>
    /// <param name="step">Of a concatenation its outermost one.</param>
    /// <param name="format">Format of the form.</param>
    /// <param name="terms">1, or 2: the form is the sum of two values of the format.</param>
    double ScaleOf(PlannedStep step, PatternFormat format, int terms);

    /// <summary>What is added to each channel, in real units, before the clamp; the plan's constants if nothing corrects them.</summary>
    /// <param name="step">The layer.</param>
    /// <param name="sum">What its accumulator gives.</param>
    ImmutableArray<double> OffsetsOf(LayerStep step, RealSum sum) => sum.Offsets;

    /// <summary>Largest magnitude that the sum of a layer's first passes reaches, in real units; null: half of what it could.</summary>
    /// <param name="step">A layer of two-term operands.</param>
    /// <param name="sum">What the passes so far give.</param>
    double? LargestOf(LayerStep step, RealSum sum) => null;

    /// <summary>A node was emitted.</summary>
    /// <param name="node">The node.</param>
    /// <param name="graph">All nodes so far, this one last.</param>
    void Added(Node node, GraphBuilder graph)
    {
    }

    /// <summary>A step was emitted.</summary>
    /// <param name="step">The step, or the plan's input.</param>
    /// <param name="emitted">What it became.</param>
    void Finished(PlannedStep step, EmittedStep emitted)
    {
    }
}

using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>In which forms a tensor is stored.</summary>
[Flags]
public enum Forms
{
    /// <summary>In none: what reads it takes it over.</summary>
    None = 0,

    /// <summary>Operand of a multiplication.</summary>
    Projected = 1,

    /// <summary>Plain integers for additions and average pools.</summary>
    Plain = 2,

    /// <summary>int32 class scores.</summary>
    Scores = 4,

    /// <summary>With <see cref="Plain"/>: a table reads it, so it has at most 8 bits.</summary>
    Byte = 8,
}

/// <summary>One stored tensor of the integer network.</summary>
/// <param name="Output">Its name in the float graph.</param>
public abstract record PlannedStep(string Output)
{
    /// <summary>Forms that later steps ask for.</summary>
    public Forms Forms { get; init; }

    /// <summary>Layers that multiply it.</summary>
    public ImmutableArray<Node> MultipliedBy { get; init; } = [];

    /// <summary>Whether it may be an operand of two terms. Maximum and second term do not commute: what goes through moves and
    /// concatenations has one term, and so has what functions and products make.</summary>
    public bool MayHaveTwoTerms { get; init; }

    /// <summary>Format and terms as an operand of a multiplication; the sign follows from the values.</summary>
    public OperandFormat Operand { get; init; }

    /// <summary>Bits of the plain form: 8 or 16.</summary>
    public int PlainBits { get; init; }

    /// <summary>Format of a form.</summary>
    /// <param name="form">Scores, Plain or Projected.</param>
    /// <param name="isUnsigned">Whether no value is below zero.</param>
    public PatternFormat FormatOf(Forms form, bool isUnsigned) => form switch
    {
        Forms.Scores => PatternFormat.Int32,
        Forms.Plain => PlainBits == 16 ? PatternFormat.Int16 : PatternFormat.Uniform(PlainBits, !isUnsigned),
        _ => Operand.WithSign(!isUnsigned),
    };
}

/// <summary>The network's input.</summary>
/// <param name="Output">Name of the tensor.</param>
public sealed record InputStep(string Output) : PlannedStep(Output);

/// <summary>A concatenation or assembly of stored tensors, which are written on its scale.</summary>
/// <param name="Output">Name of the stored tensor.</param>
/// <param name="Node">The concatenation.</param>
public sealed record ConcatStep(string Output, Node Node) : PlannedStep(Output)
{
    /// <summary>The outermost concatenation that this one is a part of, or itself: all its parts have one scale, sign and
    /// format.</summary>
    public string Root { get; init; } = Output;
}

/// <summary>A place in a concatenation that a layer writes: once more, where it is stored for others too.</summary>
/// <param name="Concat">The concatenated tensor.</param>
/// <param name="Index">Which part.</param>
public readonly record struct ConcatPlace(string Concat, int Index);

/// <summary>A max pool, slice or pad of a stored tensor.</summary>
/// <param name="Output">Name of the stored tensor.</param>
/// <param name="Node">The operation.</param>
public sealed record MoveStep(string Output, Node Node) : PlannedStep(Output);

/// <summary>A product, local response or function of stored plain tensors.</summary>
/// <param name="Output">Name of the stored tensor.</param>
/// <param name="Node">The operation.</param>
public sealed record MapStep(string Output, Node Node) : PlannedStep(Output);

/// <summary>clamp(A * FactorA[c] + B * FactorB + Offset[c]), requantized: A is the accumulator of Producer, or the stored tensor
/// A.</summary>
/// <param name="Output">Name of the stored tensor.</param>
/// <param name="Producer">Conv, FullyConnected or AveragePool whose output is A; null where A is stored.</param>
/// <param name="A">The float tensor A.</param>
/// <param name="FactorA">[C].</param>
/// <param name="B">A stored plain tensor, or null.</param>
/// <param name="FactorB">Its factor.</param>
/// <param name="Offset">[C].</param>
/// <param name="Minimum">Lower bound, or -infinity.</param>
/// <param name="Maximum">Upper bound, or +infinity.</param>
public sealed record LayerStep(
    string Output, Node? Producer, string A, ImmutableArray<double> FactorA, string? B, double FactorB, ImmutableArray<double> Offset,
    float Minimum, float Maximum) : PlannedStep(Output)
{
    /// <summary>Places in concatenations that it is written to.</summary>
    public ImmutableArray<ConcatPlace> Places { get; init; } = [];

    /// <summary>Format and terms of its weights; null where it has none.</summary>
    public OperandFormat? Weights { get; init; }
}

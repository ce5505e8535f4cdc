using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Quantization;

/// <summary>In which forms a tensor is stored.</summary>
[Flags]
internal enum Forms
{
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
internal abstract record PlannedStep(string Output)
{
    /// <summary>Forms that later steps ask for.</summary>
    public Forms Forms { get; set; }

    /// <summary>Largest magnitude that an already quantized network gives the tensor; null: from the calibration images.</summary>
    public double? Range { get; set; }

    /// <summary>Layers that multiply it.</summary>
    public List<Node> MultipliedBy { get; } = [];
}

/// <summary>A concatenation of stored tensors, which are written on its scale.</summary>
/// <param name="Output">Name of the stored tensor.</param>
/// <param name="Node">The concatenation.</param>
internal sealed record ConcatStep(string Output, Node Node) : PlannedStep(Output)
{
    /// <summary>The concatenation that this one is a part of, or null.</summary>
    public ConcatStep? Into { get; set; }

    /// <summary>The outermost one: all its parts have one scale, sign and format.</summary>
    public ConcatStep Root => Into?.Root ?? this;

    /// <summary>Whether a part that is another concatenation is one by itself: its parts are those of this one too.</summary>
    public bool Holds(PlannedStep part) => part is ConcatStep { Into: { } into } && into == this;

    /// <summary>The integer tensors of its parts by form, in order.</summary>
    public Dictionary<Forms, string[]> Parts { get; } = [];

    /// <summary>Remembers the tensor of a part.</summary>
    public void SetPart(Forms form, int index, string tensor)
    {
        if (!Parts.TryGetValue(form, out string[]? parts))
            Parts[form] = parts = new string[Node.Inputs.Length];
        parts[index] = tensor;
    }
}

/// <summary>A place in a concatenation that a layer writes: once more, where it is stored for others too.</summary>
/// <param name="Concat">The concatenation.</param>
/// <param name="Index">Which part.</param>
internal readonly record struct ConcatPart(ConcatStep Concat, int Index);

/// <summary>A max pool, slice or pad of a stored tensor.</summary>
internal sealed record MoveStep(string Output, Node Node) : PlannedStep(Output);

/// <summary>A product, local response or function of stored plain tensors.</summary>
internal sealed record MapStep(string Output, Node Node) : PlannedStep(Output);

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
internal sealed record LayerStep(
    string Output, Node? Producer, string A, double[] FactorA, string? B, double FactorB, double[] Offset, float Minimum, float Maximum)
        : PlannedStep(Output)
{
    /// <summary>Places in concatenations that it is written to.</summary>
    public List<ConcatPart> Places { get; init; } = [];
}

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
}

/// <summary>One stored tensor of the integer network.</summary>
/// <param name="Output">Its name in the float graph.</param>
internal abstract record PlannedStep(string Output)
{
    /// <summary>Forms that later steps ask for.</summary>
    public Forms Forms { get; set; }

    /// <summary>Largest magnitude that an already quantised network gives the tensor; null: from the calibration images.</summary>
    public double? Range { get; set; }

    /// <summary>Layers that multiply it.</summary>
    public List<Node> MultipliedBy { get; } = [];
}

/// <summary>A max pool, slice or pad of a stored tensor.</summary>
internal sealed record MoveStep(string Output, Node Node) : PlannedStep(Output);

/// <summary>clamp(A * FactorA[c] + B * FactorB + Offset[c]), requantised: A is the accumulator of Producer, or the stored tensor A.</summary>
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
    string Output, Node? Producer, string A, double[] FactorA, string? B, double FactorB, double[] Offset, float Minimum, float Maximum) : PlannedStep(Output);

using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Ir;

/// <summary>What a tensor of the graph holds.</summary>
/// <param name="Shape">Feature map of one image.</param>
/// <param name="Format">The integer format, or null for float32.</param>
/// <param name="Scale">Real value of one unit of an integer tensor (real = integer * Scale), for people and reports; 1 for float32.</param>
public sealed record TensorType(Shape Shape, PatternFormat? Format = null, double Scale = 1)
{
    /// <summary>True for float32.</summary>
    public bool IsFloat => Format is null;

    /// <summary><c>f32[16x32x32]</c> or <c>u6(3)[16x32x32]</c>.</summary>
    public override string ToString() => $"{Format?.ToString() ?? "f32"}[{Shape}]";
}

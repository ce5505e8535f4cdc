namespace Ebsp.Isa.Instructions;

/// <summary>The feature map that an instruction writes.</summary>
/// <param name="Region">Buffer or psum memory.</param>
/// <param name="Operand">Where it lies there; partial sums lie densely.</param>
/// <param name="Tile">Its extents.</param>
public readonly record struct WrittenMap(Region Region, TensorOperand Operand, Extents Tile);

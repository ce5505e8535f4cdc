using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

/// <summary>An instruction before synchronization, with what it is for.</summary>
/// <param name="Instruction">The instruction, without waits and signal.</param>
/// <param name="Layer">Index of its layer, or -1.</param>
/// <param name="Tile">The tile of a tensor that it completes, or null.</param>
public sealed record Emission(Instruction Instruction, int Layer, EmittedTile? Tile);

/// <summary>The tile of a tensor that an instruction completes.</summary>
/// <param name="Tensor">Name in the integer graph.</param>
/// <param name="Image">First image.</param>
/// <param name="Row">First row.</param>
/// <param name="Column">First column.</param>
/// <param name="Channel">First channel.</param>
public sealed record EmittedTile(string Tensor, int Image, int Row, int Column, int Channel);

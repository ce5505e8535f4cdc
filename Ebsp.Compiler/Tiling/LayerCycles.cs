namespace Ebsp.Compiler.Tiling;

/// <summary>Estimated cycles of a layer, unit by unit: what tiles are chosen by. What a program really takes, the timing model
/// says.</summary>
/// <param name="Array">The PE array.</param>
/// <param name="Pool">The pool unit.</param>
/// <param name="Vector">The vector unit, constants blocks included.</param>
/// <param name="Weights">The load unit on weights and biases.</param>
/// <param name="Activations">The load and the store unit on staged tensors.</param>
/// <param name="Head">Before the array or the pool unit can start: the first staged window.</param>
/// <param name="Tail">After it has ended: the other units on the last tile.</param>
/// <param name="First">The array on the first tile, before the vector unit can start; without an array the whole of a tile.</param>
public readonly record struct LayerCycles(
    double Array, double Pool, double Vector, double Weights, double Activations, double Head, double Tail, double First)
{
    /// <summary>
    /// The units side by side, behind one another only at the ends of the layer; the DRAM channel serves all transfers. A layer without
    /// the array counts a tile twice: the layer behind it waits for one tile, and for all of the layer if that is the only one.
    /// </summary>
    public double Total =>
        Math.Max(Array > 0 ? Math.Max(Head + Array + Tail, Head + First + Vector) : Head + Pool + Vector + First, Weights + Activations);
}

/// <summary>A way to cut a layer.</summary>
/// <param name="Shape">The tile.</param>
/// <param name="Tiles">Tiles of the layer.</param>
/// <param name="Cycles">What it is estimated to take.</param>
/// <param name="StageBytes">Buffer bytes of staged windows and results, both sets.</param>
/// <param name="IsSmall">Whether a tile instruction has fewer pixels than the array has rows, or fewer than 256 Ki MACs, though the layer
/// has more.</param>
/// <param name="Block">Output pixels side by side in the array, of a full tile.</param>
public sealed record TileCandidate(TileShape Shape, long Tiles, LayerCycles Cycles, long StageBytes, bool IsSmall, PixelBlock Block);

using System.Collections.Immutable;

namespace Ebsp.Compiler.Tiling;

/// <summary>What limits a layer.</summary>
public enum LayerBound
{
    /// <summary>The unit that computes: array, pool unit or vector unit.</summary>
    Compute,

    /// <summary>Loading weights.</summary>
    Weights,

    /// <summary>Moving staged feature maps.</summary>
    Activations,
}

/// <summary>Where the array's places go in the cycles of a layer: shares of PEs times busy array cycles, 0..1, that add up to
/// one.</summary>
/// <param name="Macs">Products that belong to the network.</param>
/// <param name="IdleRows">Rows without a weight: a reduction that is no multiple of the rows, or another channel's on the block
/// diagonal.</param>
/// <param name="IdleColumns">Columns without an output channel.</param>
/// <param name="FillAndDrain">Rows + columns - 1 cycles an instruction, and passes of fewer pixels than rows.</param>
public sealed record ArrayShares(double Macs, double IdleRows, double IdleColumns, double FillAndDrain);

/// <summary>Where a tensor of a layer lives.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Use">input, added or output.</param>
/// <param name="Format">Its format.</param>
/// <param name="Place">Memory and first byte; for a part of a concatenation its first channel.</param>
/// <param name="Bytes">Bytes of a batch there.</param>
public sealed record TensorPlace(string Name, string Use, string Format, string Place, long Bytes);

/// <summary>Why one layer takes the cycles it takes: lower bounds, the tile that was chosen, and the one that came next.</summary>
/// <param name="Layer">Name in the source model.</param>
/// <param name="Operation">What it is.</param>
/// <param name="Terms">Pattern terms of its input: 2 where it reads the network's input in two, else 1.</param>
/// <param name="Macs">MACs of a batch.</param>
/// <param name="ComputeCycles">Lower bound: the passes over the array, or the elements over the lanes of the other units, without
/// waits.</param>
/// <param name="WeightCycles">Lower bound: each weight crosses the DRAM channel once.</param>
/// <param name="ActivationCycles">Lower bound: each spilled map crosses the DRAM channel once.</param>
/// <param name="Bound">The largest of the three.</param>
/// <param name="Shares">Where the array's places go; null for layers without it.</param>
/// <param name="Chosen">The tile that was chosen.</param>
/// <param name="RunnerUp">The best of the others, or null if no other fits.</param>
/// <param name="WhyNot">Why the runner-up lost.</param>
/// <param name="Tensors">Where the layer's tensors live.</param>
/// <param name="Mapping">How a full tile lies on the array; null for layers without it.</param>
/// <param name="Drawing">The array with the first set of weights, in lines: which rows and columns hold what.</param>
public sealed record LayerExplanation(
    string Layer, string Operation, int Terms, long Macs, double ComputeCycles, double WeightCycles, double ActivationCycles,
        LayerBound Bound,
    ArrayShares? Shares, TileCandidate Chosen, TileCandidate? RunnerUp, string WhyNot, ImmutableArray<TensorPlace> Tensors,
    TileMapping? Mapping, ImmutableArray<string> Drawing);

using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

/// <summary>Two places in the staging area that alternate.</summary>
/// <param name="address">First byte of the first place.</param>
/// <param name="bytes">Size of each place.</param>
internal sealed class StageSlot(long address, long bytes)
{
    private int _turn;

    /// <summary>The place that is not in use.</summary>
    public long Next() => address + (_turn ^= 1) * bytes;
}

/// <summary>The staging area as one layer uses it: a pair of places for each staged operand.</summary>
internal sealed class StageArea
{
    /// <summary>Lays the area out for a layer.</summary>
    public StageArea(MemoryPlan plan, int layer, TilingSearch search)
    {
        IReadOnlyList<long> sizes = search.CostOf(plan.Layers[layer]).StageSizes(plan.Tiles[layer].Shape, plan.IsSpilled);
        long address = plan.StageAddress;
        StageSlot[] slots = [.. sizes.Select(bytes =>
        {
            StageSlot slot = new(address, bytes);
            address += 2 * bytes;
            return slot;
        })];
        int writes = plan.Layers[layer].Writes.Length;
        Source = slots[0];
        Adds = slots[1..(1 + writes)];
        Results = slots[(1 + writes)..];
        CurrentAdds = new (Tile, TensorOperand)?[writes];
        CurrentResults = new (Tile, TensorOperand)?[Results.Length];
    }

    public StageSlot Source { get; }

    public StageSlot[] Adds { get; }

    public StageSlot[] Results { get; }

    /// <summary>The source window that is staged now.</summary>
    public (Tile Tile, TensorOperand Operand)? CurrentSource;

    /// <summary>The added operands that are staged now.</summary>
    public readonly (Tile Tile, TensorOperand Operand)?[] CurrentAdds;

    /// <summary>The results that are staged now.</summary>
    public readonly (Tile Tile, TensorOperand Operand)?[] CurrentResults;
}

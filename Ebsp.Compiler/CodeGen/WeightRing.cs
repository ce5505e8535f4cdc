using Ebsp.Compiler.Tiling;

namespace Ebsp.Compiler.CodeGen;

/// <summary>
/// Places of weight tiles in the buffer: one behind another, from the start again where the end is too near. A tile is loaded as soon as
/// the tiles that lay in its place have been used, so weights run ahead of the array as far as the ring reaches; and it stays until
/// another one takes its place.
/// </summary>
/// <param name="bytes">Size of the ring, which starts at byte 0; no tile is larger.</param>
internal sealed class WeightRing(long bytes)
{
    private readonly Queue<(WeightTile Tile, long Start, long End)> _held = new();
    private readonly Dictionary<WeightTile, long> _addresses = new(ReferenceEqualityComparer.Instance);
    private long _next;

    /// <summary>Makes sure that tiles of a size in all do not push one another out, if the ring is large enough.</summary>
    public void Begin(long all)
    {
        if (all > bytes || _next + all <= bytes)
            return;
        Drop(_next, bytes);
        _next = 0;
    }

    /// <summary>The place of a tile.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="address">First byte.</param>
    /// <returns>Whether it is still there from before; else it is to be loaded.</returns>
    public bool Holds(WeightTile tile, out long address)
    {
        if (_addresses.TryGetValue(tile, out address))
            return true;
        address = _next + tile.Bytes <= bytes ? _next : 0;
        long end = MemoryPlan.Align(address + tile.Bytes);
        if (address < _next)
            Drop(_next, bytes);
        Drop(address, end);
        _held.Enqueue((tile, address, end));
        _addresses.Add(tile, address);
        _next = end;
        return false;
    }

    // The oldest lie next.
    private void Drop(long start, long end)
    {
        while (_held.TryPeek(out (WeightTile Tile, long Start, long End) oldest) && oldest.Start < end && start < oldest.End)
        {
            _held.Dequeue();
            _addresses.Remove(oldest.Tile);
        }
    }
}

namespace Ebsp.Compiler.Tiling;

/// <summary>A tensor to place: live from the layer that writes it to the last one that reads it.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="First">Layer that writes it.</param>
/// <param name="Last">Last layer that reads it.</param>
public readonly record struct LiveRange(string Name, long Bytes, int First, int Last)
{
    /// <summary>Whether two tensors are live at the same time.</summary>
    public bool Meets(LiveRange other) => First <= other.Last && other.First <= Last;
}

/// <summary>Gives tensors that are live together disjoint places: largest first, each at the lowest place that is free.</summary>
public static class BufferAllocator
{
    /// <summary>Offsets from 0 by tensor, or null if they need more than the capacity; Used is the highest byte.</summary>
    public static Dictionary<string, long>? Run(IEnumerable<LiveRange> ranges, long capacity, out long used)
    {
        Dictionary<string, long> offsets = [];
        List<(LiveRange Range, long Start, long End)> placed = [];
        used = 0;
        foreach (LiveRange range in ranges.OrderByDescending(r => r.Bytes).ThenBy(r => r.First).ThenBy(r => r.Name, StringComparer.Ordinal))
        {
            long start = 0;
            foreach ((_, long takenStart, long takenEnd) in placed.Where(p => p.Range.Meets(range)).OrderBy(p => p.Start))
            {
                if (start + range.Bytes <= takenStart)
                    break;
                start = Math.Max(start, takenEnd);
            }

            long end = MemoryPlan.Align(start + range.Bytes);
            used = Math.Max(used, end);
            if (used > capacity)
                return null;
            placed.Add((range, start, end));
            offsets[range.Name] = start;
        }

        return offsets;
    }
}

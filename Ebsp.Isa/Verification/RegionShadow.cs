using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Verification;

/// <summary>The last writer of every segment of a region, and the last reader of each unit.</summary>
/// <remarks>
/// Readers before the last write stay noted: whoever is ordered after the write is ordered after them, too, or the race with the write
/// has been found.
/// </remarks>
internal sealed class RegionShadow
{
    private readonly SegmentMap _segments;
    private readonly int[] _writers;
    private readonly int[]?[] _readers = new int[]?[VectorClock.Units];
    private readonly int[] _asked;
    private int _question;

    /// <summary>A region to which all accesses are known.</summary>
    /// <param name="accesses">The accesses, at least one.</param>
    /// <param name="instructions">Number of instructions.</param>
    public RegionShadow(IReadOnlyList<PitchedRange> accesses, int instructions)
    {
        _asked = new int[instructions + 1];
        _segments = new SegmentMap(accesses.Max(access => access.Hull.End));
        foreach (PitchedRange access in accesses)
        {
            foreach (long start in access.RunStarts())
            {
                _segments.Cut(start);
                _segments.Cut(start + access.RunBytes);
            }
        }

        _segments.Seal();
        _writers = new int[_segments.Count];
    }

    /// <summary>Segments that accesses have gone through, for a limit on the work.</summary>
    public long Visited { get; private set; }

    /// <summary>Adds the distinct writers of the bytes of an access, each with the first segment, in the order of addresses; -1 stands for
    /// nobody.</summary>
    public void WritersOf(in PitchedRange access, List<(int Writer, int Segment)> writers)
    {
        writers.Clear();
        _question++;
        foreach (long start in access.RunStarts())
        {
            int first = _segments.At(start), end = _segments.At(start + access.RunBytes);
            Visited += end - first;
            while (first < end)
            {
                int writer = _writers[first];
                if (_asked[writer] != _question)
                    writers.Add((writer - 1, first));
                _asked[writer] = _question;
                int same = _writers.AsSpan(first, end - first).IndexOfAnyExcept(writer);
                first = same < 0 ? end : first + same;
            }
        }
    }

    /// <summary>The first segment of an access that an instruction of a unit later than its first <paramref name="done"/> has read; -1 for
    /// none.</summary>
    public (int Segment, int Ordinal) ReaderAfter(in PitchedRange access, int unit, int done)
    {
        if (_readers[unit] is not { } readers)
            return (-1, 0);
        foreach (long start in access.RunStarts())
        {
            int first = _segments.At(start), end = _segments.At(start + access.RunBytes);
            Visited += end - first;
            int found = readers.AsSpan(first, end - first).IndexOfAnyExceptInRange(0, done);
            if (found >= 0)
                return (first + found, readers[first + found]);
        }

        return (-1, 0);
    }

    /// <summary>Notes a reader.</summary>
    public void Read(in PitchedRange access, int unit, int ordinal) => Fill(access, _readers[unit] ??= new int[_segments.Count], ordinal);

    /// <summary>Notes a writer.</summary>
    public void Write(in PitchedRange access, int instruction) => Fill(access, _writers, instruction + 1);

    /// <summary>The bytes of a segment, as part of an access.</summary>
    public MemoryRange Bytes(int segment, in PitchedRange access) =>
        new(access.Operand, access.Region, _segments.Address(segment), _segments.Address(segment + 1), access.Write);

    private void Fill(in PitchedRange access, int[] values, int value)
    {
        foreach (long start in access.RunStarts())
        {
            int first = _segments.At(start), end = _segments.At(start + access.RunBytes);
            Visited += end - first;
            values.AsSpan(first, end - first).Fill(value);
        }
    }
}

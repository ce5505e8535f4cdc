using Ebsp.Isa.Instructions;
using Ebsp.Isa.Verification;

namespace Ebsp.Compiler.CodeGen;

/// <summary>
/// Lets units run side by side without changing what a one-by-one run would give: every instruction raises the counter of its unit,
/// and waits for the instructions of other units that wrote what it reads, or read or wrote what it writes.
/// </summary>
/// <remarks>
/// Units execute in order, so "unit u has done its first j instructions" (counter u is at least j) says all. Waits that follow from
/// others are left out by vector clocks: for each instruction, how far every unit is known to be once it is done. Every wait names an
/// instruction that stands earlier, so the program cannot deadlock.
/// </remarks>
public sealed class Synchronizer
{
    private const int Units = VectorClock.Units;
    private readonly Dictionary<Region, AccessMap> _maps = [];
    private readonly List<VectorClock>[] _clocks = [.. Enumerable.Range(0, Units).Select(_ => new List<VectorClock>())];
    private readonly VectorClock[] _known = [.. Enumerable.Range(0, Units).Select(_ => new VectorClock())];
    private readonly List<Emission> _result = [];

    /// <summary>The instructions with waits and signals; SYNC instructions are added where one needs more than two waits.</summary>
    /// <param name="code">Instructions in an order that is right one by one.</param>
    public static IReadOnlyList<Emission> Run(IReadOnlyList<Emission> code)
    {
        Synchronizer synchronizer = new();
        foreach (Emission emission in code)
            synchronizer.Add(emission, InstructionView.Of(emission.Instruction).Hulls());
        return synchronizer._result;
    }

    private void Add(Emission emission, IReadOnlyList<MemoryRange> accesses)
    {
        Instruction instruction = emission.Instruction;
        int unit = (int)instruction.Unit;
        int[] needed = new int[Units];
        foreach (MemoryRange access in accesses)
            MapOf(access.Region).Require(access, needed);
        VectorClock known = _known[unit];
        List<(int Unit, int Count)> waits = [];
        for (int other = 0; other < Units; other++)
        {
            if (other != unit && needed[other] > known[other])
                waits.Add((other, needed[other]));
        }

        // A wait is not needed where another one's instruction already knew as much.
        waits.RemoveAll(wait => waits.Any(other => other != wait && _clocks[other.Unit][other.Count - 1][wait.Unit] >= wait.Count));
        foreach ((int other, int count) in waits)
            known.Join(_clocks[other][count - 1]);

        if (waits.Count > 2)
        {
            Instruction sync = new(Opcode.Sync) { [Field.TargetUnit] = unit };
            SetWait(sync, Field.Wait0Counter, Field.Wait0Value, waits, 2);
            SetWait(sync, Field.Wait1Counter, Field.Wait1Value, waits, 3);
            SetWait(sync, Field.Wait2Counter, Field.Wait2Value, waits, 4);
            SetWait(sync, Field.Wait3Counter, Field.Wait3Value, waits, 5);
            _result.Add(new Emission(sync, emission.Layer, null));
        }

        SetWait(instruction, Field.Wait0Counter, Field.Wait0Value, waits, 0);
        SetWait(instruction, Field.Wait1Counter, Field.Wait1Value, waits, 1);
        instruction[Field.Signal] = unit;
        int ordinal = _clocks[unit].Count + 1;
        known[unit] = ordinal;
        _clocks[unit].Add(known.Copy());
        _result.Add(emission);
        foreach (MemoryRange access in accesses)
            MapOf(access.Region).Record(access, unit, ordinal);
    }

    private static void SetWait(Instruction instruction, Field counter, Field value, List<(int Unit, int Count)> waits, int index)
    {
        if (index >= waits.Count)
            return;
        instruction[counter] = waits[index].Unit;
        instruction[value] = waits[index].Count;
    }

    private AccessMap MapOf(Region region) => _maps.TryGetValue(region, out AccessMap? map) ? map : _maps[region] = new AccessMap();

    /// <summary>The last write and the reads since then of every byte of a region, as disjoint segments in ascending order.</summary>
    private sealed class AccessMap
    {
        private readonly List<Segment> _segments = [];

        private sealed record Segment(long Start, long End, int[] Writes, int[] Reads);

        public void Require(MemoryRange access, int[] needed)
        {
            for (int i = FirstAfter(access.Start); i < _segments.Count && _segments[i].Start < access.End; i++)
            {
                for (int unit = 0; unit < Units; unit++)
                {
                    int count = access.Write ? Math.Max(_segments[i].Writes[unit], _segments[i].Reads[unit]) : _segments[i].Writes[unit];
                    needed[unit] = Math.Max(needed[unit], count);
                }
            }
        }

        public void Record(MemoryRange access, int unit, int ordinal)
        {
            int first = FirstAfter(access.Start);
            List<Segment> replaced = [];
            int i = first;
            long position = access.Start;
            for (; i < _segments.Count && _segments[i].Start < access.End; i++)
            {
                Segment old = _segments[i];
                if (old.Start < access.Start)
                    replaced.Add(old with { End = access.Start });
                if (!access.Write)
                {
                    if (old.Start > position)
                        replaced.Add(Reading(position, old.Start, new int[Units], new int[Units]));
                    long start = Math.Max(old.Start, access.Start), end = Math.Min(old.End, access.End);
                    replaced.Add(Reading(start, end, old.Writes, old.Reads));
                    position = end;
                }

                if (old.End > access.End)
                    replaced.Add(old with { Start = access.End });
            }

            if (access.Write)
            {
                // Whatever touched these bytes before has been waited for, so the new write stands for it.
                int[] writes = new int[Units];
                writes[unit] = ordinal;
                Segment written = new(access.Start, access.End, writes, new int[Units]);
                int at = replaced.FindIndex(segment => segment.Start >= access.End);
                replaced.Insert(at < 0 ? replaced.Count : at, written);
            }
            else if (position < access.End)
            {
                int at = replaced.FindIndex(segment => segment.Start >= access.End);
                replaced.Insert(at < 0 ? replaced.Count : at, Reading(position, access.End, new int[Units], new int[Units]));
            }

            _segments.RemoveRange(first, i - first);
            _segments.InsertRange(first, replaced);

            Segment Reading(long start, long end, int[] writes, int[] reads)
            {
                int[] updated = (int[])reads.Clone();
                updated[unit] = ordinal;
                return new Segment(start, end, writes, updated);
            }
        }

        // Index of the first segment that ends after an address.
        private int FirstAfter(long address)
        {
            int low = 0, high = _segments.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (_segments[middle].End > address)
                    high = middle;
                else
                    low = middle + 1;
            }

            return low;
        }
    }
}

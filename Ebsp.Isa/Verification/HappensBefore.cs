using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Isa.Verification;

/// <summary>
/// Which instructions are done before another one starts in every run: those before it on its unit, those whose signals its waits count,
/// and what was done before those. Bounded queues order more than that on a machine; nothing may rely on it (docs/isa.md, Units).
/// </summary>
internal sealed class HappensBefore
{
    private readonly VectorClock?[] _done;
    private readonly VectorClock[] _units;
    private readonly Signals[] _signals;

    /// <summary>Counts the signals of a program.</summary>
    public HappensBefore(EbspProgram program)
    {
        _done = new VectorClock?[program.Code.Length];
        _units = [.. Enumerable.Range(0, VectorClock.Units).Select(_ => new VectorClock())];
        _signals = [.. Enumerable.Range(0, 256).Select(_ => new Signals())];
        Ordinals = new int[program.Code.Length];
        Orders = [.. Enumerable.Range(0, VectorClock.Units).Select(_ => new List<int>())];
        for (int i = 0; i < program.Code.Length; i++)
        {
            int unit = (int)program.Code[i].Unit;
            Orders[unit].Add(i);
            Ordinals[i] = Orders[unit].Count;
            if (program.Code[i][Field.Signal] is not 0 and var counter)
                _signals[counter].Add(unit, i);
        }
    }

    /// <summary>The place of each instruction in the order of its unit, from 1.</summary>
    public int[] Ordinals { get; }

    /// <summary>The instructions of each unit.</summary>
    public List<int>[] Orders { get; }

    /// <summary>What is known to be done when an instruction starts; to be asked in an order of execution.</summary>
    public VectorClock Start(int index, Instruction instruction)
    {
        int unit = (int)instruction.Unit;
        VectorClock known = _units[unit];
        foreach (CounterWait wait in CounterWait.Of(instruction))
        {
            for (int other = 0; other < VectorClock.Units; other++)
            {
                if (other != unit && _signals[wait.Counter].Guaranteed(wait.Value, other, unit, index) is >= 0 and var signaller)
                    known.Join(_done[signaller]!);
            }
        }

        VectorClock start = known.Copy();
        known[unit] = Ordinals[index];
        _done[index] = known.Copy();
        return start;
    }

    /// <summary>The instructions that signal one counter.</summary>
    private sealed class Signals
    {
        private readonly List<int>?[] _byUnit = new List<int>?[VectorClock.Units];

        public void Add(int unit, int index) => (_byUnit[unit] ??= []).Add(index);

        // The last instruction of a unit that must have signalled once the counter has reached a value: as few as the other units leave
        // open, which can have given all of theirs, the waiter's own unit those before the waiter. -1 for none.
        public int Guaranteed(int value, int unit, int waiterUnit, int waiter)
        {
            if (_byUnit[unit] is not { } own)
                return -1;
            long left = value;
            for (int other = 0; other < VectorClock.Units; other++)
            {
                if (other == unit || _byUnit[other] is not { } others)
                    continue;
                int before = other == waiterUnit ? others.BinarySearch(waiter) : others.Count;
                left -= before < 0 ? ~before : before;
            }

            return left > 0 ? own[(int)Math.Min(left, own.Count) - 1] : -1;
        }
    }
}

using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Timing;

/// <summary>The numbered counters of a run, with the cycle at which each reached each value.</summary>
internal sealed class CounterBank
{
    private readonly int[] _values = new int[256];
    private readonly int[] _first = new int[256];
    private readonly long[] _reachedAt;

    /// <summary>Counters at 0, with room for every signal of the program.</summary>
    public CounterBank(ReadOnlySpan<TimedInstruction> instructions)
    {
        int[] signals = new int[256];
        foreach (TimedInstruction instruction in instructions)
            signals[instruction.Signal]++;
        for (int counter = 1; counter < 256; counter++)
            _first[counter] = _first[counter - 1] + signals[counter - 1];
        _reachedAt = new long[instructions.Length];
    }

    /// <summary>The value of a counter.</summary>
    public int this[int counter] => _values[counter];

    /// <summary>Raises a counter; 0 is none.</summary>
    public void Raise(int counter, long now)
    {
        if (counter != 0)
            _reachedAt[_first[counter] + _values[counter]++] = now;
    }

    /// <summary>Whether every wait is satisfied.</summary>
    public bool Satisfy(ReadOnlySpan<CounterWait> waits)
    {
        foreach (CounterWait wait in waits)
        {
            if (_values[wait.Counter] < wait.Value)
                return false;
        }

        return true;
    }

    /// <summary>Of satisfied waits the counter that reached its value last; the first of several.</summary>
    public int Last(ReadOnlySpan<CounterWait> waits)
    {
        int counter = 0;
        long latest = -1;
        foreach (CounterWait wait in waits)
        {
            long reached = _reachedAt[_first[wait.Counter] + wait.Value - 1];
            if (reached > latest)
                (counter, latest) = (wait.Counter, reached);
        }

        return counter;
    }

    /// <summary>The first wait that is not satisfied.</summary>
    public CounterWait Missing(ReadOnlySpan<CounterWait> waits)
    {
        foreach (CounterWait wait in waits)
        {
            if (_values[wait.Counter] < wait.Value)
                return wait;
        }

        return default;
    }
}

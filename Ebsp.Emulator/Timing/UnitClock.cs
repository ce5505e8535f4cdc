using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Timing;

/// <summary>One unit during a run: its place in the program and where its time went.</summary>
internal sealed class UnitClock(Unit unit, int[] order, ITimingSink? sink)
{
    private long _busy;
    private long _fetch;
    private long _counter;
    private long _queue;
    private long _dram;
    private long _end;

    /// <summary>The unit's instructions in program order.</summary>
    public int[] Order { get; } = order;

    /// <summary>How many of them were handed over.</summary>
    public int Handed { get; set; }

    /// <summary>How many of them were started.</summary>
    public int Started { get; set; }

    /// <summary>Whether one is being executed.</summary>
    public bool Running { get; set; }

    /// <summary>End of the last interval that was recorded; while an instruction runs, its end.</summary>
    public long Now { get; private set; }

    /// <summary>Where the time went.</summary>
    public UnitTime Time => new(unit, _busy, _fetch, _counter, _queue, _dram, _end);

    /// <summary>Works until a cycle.</summary>
    public void Work(int instruction, long until)
    {
        if (until <= Now)
            return;
        _busy += until - Now;
        sink?.Busy(unit, instruction, Now, until);
        Now = until;
    }

    /// <summary>Stalls until a cycle.</summary>
    public void Stall(StallKind kind, int counter, long until)
    {
        if (until <= Now)
            return;
        switch (kind)
        {
            case StallKind.Fetch: _fetch += until - Now; break;
            case StallKind.Counter: _counter += until - Now; break;
            case StallKind.Queue: _queue += until - Now; break;
            case StallKind.Dram: _dram += until - Now; break;
            default: _end += until - Now; break;
        }

        sink?.Stall(unit, kind, counter, Now, until);
        Now = until;
    }
}

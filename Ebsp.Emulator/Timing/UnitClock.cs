using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Timing;

/// <summary>One unit during a run: its place in the program and where its time went, layer by layer.</summary>
/// <param name="unit">The unit.</param>
/// <param name="order">Its instructions in program order.</param>
/// <param name="layerOf">The layer of each instruction of the program, -1 for none.</param>
/// <param name="layers">Number of layers.</param>
/// <param name="sink">Receives every interval, or null.</param>
internal sealed class UnitClock(Unit unit, int[] order, ReadOnlyMemory<int> layerOf, int layers, ITimingSink? sink)
{
    // Cycles [layer + 1][0: busy, 1 + kind: stall]; row 0 for what belongs to no layer.
    private const int Kinds = 6;
    private readonly long[] _cycles = new long[(layers + 1) * Kinds];

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

    /// <summary>Where the time went that belongs to a layer; -1: to none.</summary>
    public UnitTime TimeOf(int layer)
    {
        ReadOnlySpan<long> row = _cycles.AsSpan((layer + 1) * Kinds, Kinds);
        return new UnitTime(unit, row[0], row[1], row[2], row[3], row[4], row[5]);
    }

    /// <summary>Works until a cycle.</summary>
    public void Work(int instruction, long until)
    {
        if (until <= Now)
            return;
        Count(instruction, 0) += until - Now;
        sink?.Busy(unit, instruction, Now, until);
        Now = until;
    }

    /// <summary>Stalls until a cycle, before or within an instruction; -1: the unit has no further one.</summary>
    public void Stall(StallKind kind, int counter, int instruction, long until)
    {
        if (until <= Now)
            return;
        Count(instruction, 1 + (int)kind) += until - Now;
        sink?.Stall(unit, kind, counter, instruction, Now, until);
        Now = until;
    }

    private ref long Count(int instruction, int kind) =>
        ref _cycles[((instruction < 0 ? -1 : layerOf.Span[instruction]) + 1) * Kinds + kind];
}

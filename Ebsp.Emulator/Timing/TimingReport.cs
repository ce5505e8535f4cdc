using System.Collections.Immutable;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Timing;

/// <summary>What a run of a program costs in time and actions. After a deadlock: up to the last cycle in which a unit worked.</summary>
/// <param name="Cycles">Total cycles.</param>
/// <param name="Units">Time of each unit, by <see cref="Unit"/>.</param>
/// <param name="Actions">Actions of the instructions that were started.</param>
/// <param name="Layers">Time and actions of each layer, by the index in the layer map.</param>
/// <param name="Rest">What belongs to no layer: transfers of the network's ends, END, and the stalls of units that have no further
/// instruction.</param>
/// <param name="Utilization">MACs / (processing elements * total cycles), 0..1; 0 for an empty run.</param>
/// <param name="Deadlock">Null, or where the program hangs.</param>
public sealed record TimingReport(
    long Cycles, ImmutableArray<UnitTime> Units, ActionCounts Actions, ImmutableArray<LayerTime> Layers, LayerTime Rest,
    double Utilization, TimingDeadlock? Deadlock)
{
    /// <summary>The time of a unit.</summary>
    public UnitTime this[Unit unit] => Units[(int)unit];
}

/// <summary>Cycles of one unit; busy and stalls add up to the total.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Busy">Cycles in which it works.</param>
/// <param name="Fetch">Stall: nothing handed over yet.</param>
/// <param name="Counter">Stall: waits for a counter.</param>
/// <param name="Queue">Stall: a queue is full (fetch alone).</param>
/// <param name="Dram">Stall: the DRAM channel serves another unit.</param>
/// <param name="End">Stall: no further instruction.</param>
public readonly record struct UnitTime(Unit Unit, long Busy, long Fetch, long Counter, long Queue, long Dram, long End)
{
    /// <summary>All stalls.</summary>
    public long Stalls => Fetch + Counter + Queue + Dram + End;

    /// <summary>Stall cycles of a kind.</summary>
    public long Of(StallKind kind) => kind switch
    {
        StallKind.Fetch => Fetch,
        StallKind.Counter => Counter,
        StallKind.Queue => Queue,
        StallKind.Dram => Dram,
        _ => End,
    };

    /// <summary>The time of both, of one unit.</summary>
    public static UnitTime operator +(UnitTime a, UnitTime b) =>
        new(a.Unit, a.Busy + b.Busy, a.Fetch + b.Fetch, a.Counter + b.Counter, a.Queue + b.Queue, a.Dram + b.Dram, a.End + b.End);
}

/// <summary>
/// Time and actions of the instructions of one layer. A unit's stall belongs to the layer of the instruction that waits, so over all layers
/// and
/// <see cref="TimingReport.Rest"/> busy cycles, every kind of stall and every action count add up to those of the program, unit by unit.
/// </summary>
/// <param name="Name">The layer; empty for <see cref="TimingReport.Rest"/>.</param>
/// <param name="Start">Start of its first instruction.</param>
/// <param name="End">End of its last one; layers overlap.</param>
/// <param name="Units">Busy cycles and stalls of each unit, by <see cref="Unit"/>.</param>
/// <param name="Actions">Actions of its instructions.</param>
public sealed record LayerTime(string Name, long Start, long End, ImmutableArray<UnitTime> Units, ActionCounts Actions)
{
    /// <summary>Cycles from the first start to the last end.</summary>
    public long Span => End - Start;

    /// <summary>The time of a unit.</summary>
    public UnitTime this[Unit unit] => Units[(int)unit];
}

/// <summary>The waiting instruction that comes first in the program when no unit can go on.</summary>
/// <param name="Instruction">Its index.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Counter">The first counter of its waits that is not reached.</param>
/// <param name="Awaited">The value it waits for.</param>
/// <param name="Reached">The value the counter has.</param>
public sealed record TimingDeadlock(int Instruction, Unit Unit, int Counter, long Awaited, long Reached);

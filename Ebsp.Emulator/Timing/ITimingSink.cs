using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Timing;

/// <summary>
/// Receives what every unit does in every cycle: the intervals of one unit come in order, touch one another and cover 0..total; those of
/// different units are interleaved. An interval is [start, end) in cycles and never empty.
/// </summary>
public interface ITimingSink
{
    /// <summary>A unit works. An instruction that waits for the DRAM channel has one interval before the stall and one after it.</summary>
    void Busy(Unit unit, int instruction, long start, long end);

    /// <summary>A unit stalls.</summary>
    /// <param name="unit">The unit that stalls.</param>
    /// <param name="kind">Why.</param>
    /// <param name="counter">The counter waited for (the one satisfied last) if kind is Counter; the number of the unit whose queue is full
    /// if it is Queue; else 0.</param>
    /// <param name="instruction">The instruction that waits; -1 if kind is End.</param>
    /// <param name="start">First cycle.</param>
    /// <param name="end">First cycle after it.</param>
    void Stall(Unit unit, StallKind kind, int counter, int instruction, long start, long end);

    /// <summary>A counter reaches a value: the next one, in ascending cycles.</summary>
    void Signal(int counter, int value, long cycle);
}

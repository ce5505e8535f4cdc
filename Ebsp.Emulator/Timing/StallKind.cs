namespace Ebsp.Emulator.Timing;

/// <summary>Why a unit does not work in a cycle. There is no other reason.</summary>
public enum StallKind : byte
{
    /// <summary>Its next instruction has not been handed over yet.</summary>
    Fetch = 0,

    /// <summary>Its next instruction waits for a counter.</summary>
    Counter = 1,

    /// <summary>The fetch unit alone: the queue that the instruction goes to is full.</summary>
    Queue = 2,

    /// <summary>Its transfer is ready, but the DRAM channel serves another unit.</summary>
    Dram = 3,

    /// <summary>The program has no further instruction for it.</summary>
    End = 4,
}

namespace Ebsp.Isa.Instructions;

/// <summary>A unit of the machine: each executes its own instructions in program order, all units run side by side.</summary>
public enum Unit : byte
{
    /// <summary>Reads instruction words in order and hands them to the other units' queues.</summary>
    Fetch = 0,

    /// <summary>Moves DRAM to the buffer.</summary>
    Load = 1,

    /// <summary>The PE array.</summary>
    Array = 2,

    /// <summary>The vector unit.</summary>
    Vector = 3,

    /// <summary>The pool unit.</summary>
    Pool = 4,

    /// <summary>Moves the buffer to DRAM.</summary>
    Store = 5,

    /// <summary>The host processor.</summary>
    Host = 6,
}

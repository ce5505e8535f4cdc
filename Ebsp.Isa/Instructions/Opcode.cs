namespace Ebsp.Isa.Instructions;

/// <summary>Operation code: the first byte of an instruction word. 0 is no instruction, so cleared memory never runs.</summary>
public enum Opcode : byte
{
    /// <summary>DRAM to buffer.</summary>
    Load = 0x01,

    /// <summary>Buffer to DRAM.</summary>
    Store = 0x02,

    /// <summary>Matrix product tile on the PE array.</summary>
    MatMul = 0x10,

    /// <summary>Convolution tile on the PE array.</summary>
    Conv = 0x11,

    /// <summary>Depthwise convolution tile on the PE array.</summary>
    Depthwise = 0x12,

    /// <summary>Requantization, addition, product, clamp, projection.</summary>
    Vector = 0x20,

    /// <summary>Table of 256 entries over slot codes.</summary>
    Lut = 0x21,

    /// <summary>Maximum or sum over a window.</summary>
    Pool = 0x28,

    /// <summary>A step that the host computes between layers.</summary>
    Host = 0x30,

    /// <summary>Waits for up to six counters.</summary>
    Sync = 0x40,

    /// <summary>Label in the trace.</summary>
    Mark = 0x41,

    /// <summary>Snapshot of the counters of the run.</summary>
    Perf = 0x42,

    /// <summary>Nothing.</summary>
    Nop = 0x43,

    /// <summary>End of the program.</summary>
    End = 0x7F,
}

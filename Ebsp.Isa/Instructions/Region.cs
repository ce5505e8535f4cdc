namespace Ebsp.Isa.Instructions;

/// <summary>An address space; every address is a region and an offset in bytes, bound when a program is loaded.</summary>
public enum Region : byte
{
    /// <summary>DRAM, read only: packed weights and biases (a section of the program file).</summary>
    Weights = 0,

    /// <summary>DRAM, read only: constants blocks and look-up tables (a section of the program file).</summary>
    Tables = 1,

    /// <summary>DRAM, read only for the program: written by the host before a run.</summary>
    Input = 2,

    /// <summary>DRAM: read by the host after a run.</summary>
    Output = 3,

    /// <summary>DRAM: feature maps that do not stay in the buffer.</summary>
    Arena = 4,

    /// <summary>The on-chip buffer.</summary>
    Buffer = 5,

    /// <summary>The memory of partial sums, int32.</summary>
    Psum = 6,
}

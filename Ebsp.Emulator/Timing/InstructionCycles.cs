using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Emulator.Timing;

/// <summary>Cycles of one instruction within its unit, memory accesses to DRAM apart.</summary>
internal static class InstructionCycles
{
    /// <summary>Cycles that an instruction computes; 0 for LOAD and STORE, which only transfer.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long Of(InstructionView instruction, ArchSpec arch) => checked(instruction switch
    {
        TransferInstruction => 0,
        ArrayInstruction array => array.Cycles(arch),
        VectorInstruction vector => CeilDiv(vector.Tile.Elements, arch.Columns),
        LutInstruction lut => CeilDiv(lut.Tile.Elements, arch.Columns),
        PoolInstruction pool => CeilDiv(pool.Comparisons, arch.Columns),
        HostInstruction host => host.Tile.Elements * arch.HostCyclesPerElement,
        _ => 1,
    });

    /// <summary>ceil(a / b).</summary>
    public static long CeilDiv(long a, long b) => checked(a + b - 1) / b;
}

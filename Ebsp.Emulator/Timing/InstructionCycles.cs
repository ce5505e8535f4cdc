using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Emulator.Timing;

/// <summary>Cycles of one instruction within its unit, memory accesses to DRAM apart.</summary>
internal static class InstructionCycles
{
    /// <summary>Cycles that an instruction computes; 0 for LOAD and STORE, which only transfer.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long Of(Instruction instruction, ArchSpec arch) => checked(instruction.Opcode switch
    {
        Opcode.Load or Opcode.Store => 0,
        Opcode.MatMul => Tile(arch, CeilDiv(instruction[Field.SrcChannels], arch.Rows), instruction[Field.Images]),
        Opcode.Conv => Tile(arch, instruction[Field.Groups] * CeilDiv(Taps(instruction) * instruction[Field.SrcChannels], arch.Rows),
            Pixels(instruction)),
        Opcode.Depthwise => Tile(arch, DepthwiseFolds(instruction, arch), Pixels(instruction)),
        Opcode.Vector or Opcode.Lut => CeilDiv(Pixels(instruction) * instruction[Field.Channels], arch.Columns),
        Opcode.Pool => CeilDiv(Pixels(instruction) * instruction[Field.Channels] * Taps(instruction), arch.Columns),
        Opcode.Host => Pixels(instruction) * instruction[Field.Channels] * arch.HostCyclesPerElement,
        _ => 1,
    });

    /// <summary>Images * rows * columns of the tile that is written.</summary>
    public static long Pixels(Instruction instruction) =>
        checked(instruction[Field.Images] * instruction[Field.Rows] * instruction[Field.Columns]);

    /// <summary>R * S.</summary>
    public static long Taps(Instruction instruction) => instruction[Field.KernelRows] * instruction[Field.KernelColumns];

    /// <summary>ceil(a / b).</summary>
    public static long CeilDiv(long a, long b) => checked(a + b - 1) / b;

    // Filling the array with the first weights, the folds (the next fold's weights load while this one computes), draining it.
    private static long Tile(ArchSpec arch, long folds, long pixels) =>
        checked(arch.Rows + folds * Math.Max(pixels, arch.Rows) + arch.Columns - 1);

    private static long DepthwiseFolds(Instruction instruction, ArchSpec arch)
    {
        long taps = Taps(instruction);
        long multiplier = instruction[Field.Multiplier];
        long channelsAFold = arch.DepthwiseMapping == DepthwiseMapping.OneChannel
            ? 1
            : Math.Max(1, Math.Min(arch.Rows / taps, arch.Columns / multiplier));
        return CeilDiv(CeilDiv(instruction[Field.Channels], multiplier), channelsAFold) * CeilDiv(taps, arch.Rows);
    }
}

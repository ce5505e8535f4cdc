using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Timing;

/// <summary>One instruction as the timing run needs it.</summary>
/// <param name="Unit">The unit that executes it.</param>
/// <param name="Signal">Counter raised at its end; 0: none.</param>
/// <param name="FirstWait">Index of its first wait.</param>
/// <param name="Waits">Number of its waits.</param>
/// <param name="Transfer">Cycles on the DRAM channel; 0: none.</param>
/// <param name="Compute">Cycles after the transfer.</param>
internal readonly record struct TimedInstruction(byte Unit, byte Signal, int FirstWait, int Waits, long Transfer, long Compute);

/// <summary>A program decoded once for one machine; the run loop only adds and compares.</summary>
internal sealed class TimedProgram
{
    private readonly List<CounterWait> _waits = [];

    private TimedProgram(EbspProgram program, ArchSpec arch)
    {
        Instructions = new TimedInstruction[program.Code.Length];
        BlockBytes = new int[program.Code.Length];
        (long Address, long Bytes) kept = (-1, 0);
        for (int i = 0; i < Instructions.Length; i++)
        {
            InstructionView view = InstructionView.Of(program.Code[i], i);
            int first = _waits.Count;
            _waits.AddRange(CounterWait.Of(view.Instruction));
            long transfer = 0;
            if (view is TransferInstruction moved)
            {
                transfer = TransferCycles(moved, arch);
            }
            else if (Block(view, program.Tables.Span) is { } block)
            {
                if (kept != block)
                {
                    BlockBytes[i] = (int)block.Bytes;
                    transfer = arch.DramCycles(arch.BurstBytes(block.Address, block.Bytes));
                }

                kept = block;
            }

            Instructions[i] = new TimedInstruction(
                (byte)view.Instruction.Unit, (byte)view.Instruction[Field.Signal], first, _waits.Count - first, transfer,
                view.Cycles(arch));
        }

        Waits = [.. _waits];
    }

    /// <summary>The instructions in program order.</summary>
    public TimedInstruction[] Instructions { get; }

    /// <summary>The waits of all instructions, in field order; waits for nothing are left out.</summary>
    public CounterWait[] Waits { get; }

    /// <summary>Bytes of the constants block or table that an instruction reads from DRAM; 0 if the unit has it already.</summary>
    public int[] BlockBytes { get; }

    /// <summary>Decodes a program.</summary>
    /// <exception cref="OverflowException">An instruction takes more than 2^63 - 1 cycles.</exception>
    public static TimedProgram Decode(EbspProgram program, ArchSpec arch) => new(program, arch);

    private static long TransferCycles(TransferInstruction transfer, ArchSpec arch) => Math.Max(
        arch.DramCycles(DramBursts.Bytes(transfer, arch.DramBurstBytes)),
        transfer.PortCycles(arch));

    // The constants block of a VECTOR or the table of a LUT, which the unit reads from DRAM unless it read the same one last.
    private static (long Address, long Bytes)? Block(InstructionView view, ReadOnlySpan<byte> tables) => view switch
    {
        VectorInstruction vector => (vector.ConstantsAddress,
            VectorConstants.BlockBytes(tables, vector.ConstantsAddress, vector.Tile.Channels)),
        LutInstruction lut => (lut.TableAddress, LutInstruction.TableBytes),
        _ => null,
    };
}

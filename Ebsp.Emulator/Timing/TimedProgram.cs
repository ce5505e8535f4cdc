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
            Instruction instruction = program.Code[i];
            int first = _waits.Count;
            _waits.AddRange(CounterWait.Of(instruction));
            long transfer = 0;
            switch (instruction.Opcode)
            {
                case Opcode.Load:
                    transfer = TransferCycles(instruction, arch, arch.LoadPortBytesPerCycle);
                    break;
                case Opcode.Store:
                    transfer = TransferCycles(instruction, arch, arch.StorePortBytesPerCycle);
                    break;
                case Opcode.Vector or Opcode.Lut:
                    long address = instruction[Field.Constants];
                    long bytes = ConstantsBytes(instruction, program.Tables.Span);
                    if (kept != (address, bytes))
                    {
                        BlockBytes[i] = (int)bytes;
                        transfer = arch.DramCycles(arch.BurstBytes(address, bytes));
                    }

                    kept = (address, bytes);
                    break;
            }

            Instructions[i] = new TimedInstruction(
                (byte)instruction.Unit, (byte)instruction[Field.Signal], first, _waits.Count - first, transfer,
                    InstructionCycles.Of(instruction, arch));
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

    /// <summary>Bytes that LOAD writes to the buffer, or STORE reads from it.</summary>
    public static long BufferBytes(Instruction transfer)
    {
        long bits = transfer[Field.ElementBits];
        return checked(InstructionCycles.Pixels(transfer) * transfer[Field.ChannelGroups] * 8 * (bits <= 8 ? 1 : bits <= 16 ? 2 : 4));
    }

    private static long TransferCycles(Instruction transfer, ArchSpec arch, int portBytesPerCycle) => Math.Max(
        arch.DramCycles(DramBursts.Bytes(transfer, arch.DramBurstBytes)),
            InstructionCycles.CeilDiv(BufferBytes(transfer), portBytesPerCycle));

    private static long ConstantsBytes(Instruction instruction, ReadOnlySpan<byte> tables) =>
        instruction.Opcode == Opcode.Lut
            ? 256
            : VectorConstants.BlockBytes(tables, instruction[Field.Constants], instruction[Field.Channels]);
}

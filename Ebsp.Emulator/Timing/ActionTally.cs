using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Emulator.Timing;

/// <summary>Adds up the actions of instructions.</summary>
internal sealed class ActionTally(ArchSpec arch)
{
    private readonly UnitActions[] _units = new UnitActions[(int)Unit.Host + 1];
    private readonly DramBytes[] _dram = new DramBytes[(int)Region.Arena + 1];
    private long _macs;
    private long _vectorElements;
    private long _lutElements;
    private long _poolElements;
    private long _hostElements;

    /// <summary>What was added up.</summary>
    public ActionCounts Counts => new([.. _units], _macs, _macs, _vectorElements, _lutElements, _poolElements, _hostElements, [.. _dram]);

    /// <summary>Whether nothing has been added.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Adds one instruction.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="blockBytes">Bytes of the constants block or table that it reads from DRAM.</param>
    /// <exception cref="OverflowException">A count leaves 63 bits.</exception>
    public void Add(Instruction instruction, int blockBytes)
    {
        IsEmpty = false;
        checked
        {
            UnitActions actions = instruction.Opcode switch
            {
                Opcode.Load or Opcode.Store => Transfer(instruction),
                Opcode.MatMul or Opcode.Conv or Opcode.Depthwise => ArrayTile(instruction),
                Opcode.Vector or Opcode.Lut => VectorTile(instruction, blockBytes),
                Opcode.Pool => PoolTile(instruction),
                Opcode.Host => HostStep(instruction),
                _ => default,
            };
            _units[(int)instruction.Unit] += actions with { Instructions = 1 };
        }
    }

    private UnitActions Transfer(Instruction instruction)
    {
        checked
        {
            long payload = InstructionCycles.Pixels(instruction) * instruction[Field.ChannelGroups] * instruction[Field.ElementBits];
            long bursts = DramBursts.Bytes(instruction, arch.DramBurstBytes);
            long buffer = TimedProgram.BufferBytes(instruction);
            ref DramBytes region = ref _dram[instruction[Field.DramRegion]];
            if (instruction.Opcode == Opcode.Load)
            {
                region += new DramBytes(payload, bursts, 0, 0);
                return default(UnitActions) with { BufferBytesWritten = buffer };
            }

            region += new DramBytes(0, 0, payload, bursts);
            return default(UnitActions) with { BufferBytesRead = buffer };
        }
    }

    // Each fold reads its weights once and its taps of every pixel once; psums go back to their memory between the folds of a reduction.
    private UnitActions ArrayTile(Instruction instruction)
    {
        checked
        {
            bool matMul = instruction.Opcode == Opcode.MatMul;
            bool depthwise = instruction.Opcode == Opcode.Depthwise;
            long pixels = matMul ? instruction[Field.Images] : InstructionCycles.Pixels(instruction);
            long channels = instruction[Field.Channels];
            long reduction = (matMul ? 1 : InstructionCycles.Taps(instruction)) * (depthwise ? 1 : instruction[Field.SrcChannels]);
            long inputs = matMul ? 1 : depthwise ? channels / instruction[Field.Multiplier] : instruction[Field.Groups];
            long folds = InstructionCycles.CeilDiv(reduction, arch.Rows);
            long psumBytes = pixels * Padded(channels) * 4;
            long start = instruction[Field.Start];
            _macs += pixels * channels * reduction;
            return default(UnitActions) with
            {
                BufferBytesRead = inputs * pixels * reduction * Slot(instruction, Field.SrcFormat)
                    + channels * InstructionAccess.WeightBytes(instruction, reduction) + (start == 1 ? 4 * channels : 0),
                PsumBytesRead = psumBytes * (folds - (start == 2 ? 0 : 1)),
                PsumBytesWritten = psumBytes * folds,
            };
        }
    }

    private UnitActions VectorTile(Instruction instruction, int blockBytes)
    {
        checked
        {
            long pixels = InstructionCycles.Pixels(instruction);
            long channels = instruction[Field.Channels];
            long source = pixels * channels * Slot(instruction, Field.SrcFormat);
            long written = pixels * Padded(channels) * Slot(instruction, Field.DstFormat);
            if (blockBytes > 0)
            {
                long bursts = arch.BurstBytes(instruction[Field.Constants], blockBytes);
                _dram[(int)Region.Tables] += new DramBytes(blockBytes, bursts, 0, 0);
            }

            if (instruction.Opcode == Opcode.Lut)
            {
                _lutElements += pixels * channels;
                return default(UnitActions) with { BufferBytesRead = source, BufferBytesWritten = written };
            }

            _vectorElements += pixels * channels;
            bool psum = instruction[Field.SrcSpace] == 1;
            long second = pixels * instruction[Field.AddGroups] * 8 * Slot(instruction, Field.AddFormat);
            return default(UnitActions) with
            {
                BufferBytesRead = second + (psum ? 0 : source), PsumBytesRead = psum ? source : 0, BufferBytesWritten = written,
            };
        }
    }

    private UnitActions PoolTile(Instruction instruction)
    {
        checked
        {
            long pixels = InstructionCycles.Pixels(instruction);
            long elements = pixels * instruction[Field.Channels] * InstructionCycles.Taps(instruction);
            long written = pixels * Padded(instruction[Field.Channels]) * Slot(instruction, Field.DstFormat);
            bool sum = instruction[Field.Mode] == 1;
            _poolElements += elements;
            return default(UnitActions) with
            {
                BufferBytesRead = elements * Slot(instruction, Field.SrcFormat), BufferBytesWritten = sum ? 0 : written,
                    PsumBytesWritten = sum ? written : 0,
            };
        }
    }

    private UnitActions HostStep(Instruction instruction)
    {
        checked
        {
            long pixels = InstructionCycles.Pixels(instruction);
            long elements = pixels * instruction[Field.Channels];
            _hostElements += elements;
            return default(UnitActions) with
            {
                BufferBytesRead = elements * Slot(instruction, Field.SrcFormat),
                BufferBytesWritten = pixels * Padded(instruction[Field.Channels]) * Slot(instruction, Field.DstFormat),
            };
        }
    }

    private static long Padded(long channels) => (channels + 7) / 8 * 8;

    private static long Slot(Instruction instruction, Field format) => FormatField.Decode(instruction[format]).SlotBytes;
}

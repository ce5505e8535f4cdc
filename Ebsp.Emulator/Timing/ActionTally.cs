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
    private long _steered;
    private long _placed;
    private long _gated;

    /// <summary>What was added up.</summary>
    public ActionCounts Counts => new([.. _units], _macs, _macs, _vectorElements, _lutElements, _poolElements, _hostElements,
        _steered, _placed, _gated, [.. _dram]);

    /// <summary>Whether nothing has been added.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Adds one instruction.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="blockBytes">Bytes of the constants block or table that it reads from DRAM.</param>
    /// <exception cref="OverflowException">A count leaves 63 bits.</exception>
    public void Add(InstructionView instruction, int blockBytes)
    {
        IsEmpty = false;
        checked
        {
            if (blockBytes > 0)
                AddBlock(instruction, blockBytes);
            UnitActions actions = instruction switch
            {
                TransferInstruction transfer => Transfer(transfer),
                ArrayInstruction array => ArrayTile(array),
                VectorInstruction vector => VectorTile(vector),
                LutInstruction lut => LutTile(lut),
                PoolInstruction pool => PoolTile(pool),
                HostInstruction host => HostStep(host),
                _ => Ranges(instruction),
            };
            _units[(int)instruction.Instruction.Unit] += actions with { Instructions = 1 };
        }
    }

    private void AddBlock(InstructionView instruction, int bytes) => _dram[(int)Region.Tables] +=
        new DramBytes(bytes, arch.BurstBytes(instruction.Instruction[Field.Constants], bytes), 0, 0);

    private UnitActions Transfer(TransferInstruction transfer)
    {
        long bursts = DramBursts.Bytes(transfer, arch.DramBurstBytes);
        ref DramBytes region = ref _dram[(int)transfer.Region];
        if (!transfer.Store)
        {
            region += new DramBytes(transfer.DramBytes, bursts, 0, 0);
            return default(UnitActions) with { BufferBytesWritten = transfer.BufferBytes };
        }

        region += new DramBytes(0, 0, transfer.DramBytes, bursts);
        return default(UnitActions) with { BufferBytesRead = transfer.BufferBytes };
    }

    // Each fold reads its weights once and its rows in every step once; psums go back to their memory between the folds of a reduction.
    // Pixels side by side share the activations of a patch, and each of them has its own copy of the weights, unpacked at the edge.
    private UnitActions ArrayTile(ArrayInstruction array)
    {
        checked
        {
            long folds = ArrayCycles.ReductionFolds(arch, array.PatchElements);
            long activations = array.Groups * array.ChannelFolds(arch) * array.Steps * array.PatchElements;
            _macs += array.Products;
            _steered += activations;
            _placed += array.WeightCount * array.Unrolled;
            _gated += array.Folds(arch) * array.Steps * arch.ProcessingElements - array.Products;
            return default(UnitActions) with
            {
                BufferBytesRead = activations * array.Source.Format.SlotBytes + array.WeightBytes * array.Unrolled
                    + (array.Start == StartKind.Bias ? 4L * array.Tile.Channels : 0),
                PsumBytesRead = array.PsumBytes * (folds - (array.Start == StartKind.Accumulate ? 0 : 1)),
                PsumBytesWritten = array.PsumBytes * folds,
            };
        }
    }

    private UnitActions VectorTile(VectorInstruction vector)
    {
        checked
        {
            long source = vector.Tile.Elements * vector.Source.Format.SlotBytes;
            long second = vector.Tile.Pixels * vector.AddGroups * 8 * vector.Add.Format.SlotBytes;
            _vectorElements += vector.Tile.Elements;
            return default(UnitActions) with
            {
                BufferBytesRead = second + (vector.FromPsum ? 0 : source),
                PsumBytesRead = vector.FromPsum ? source : 0,
                BufferBytesWritten = Written(vector.Tile, vector.Destination),
            };
        }
    }

    private UnitActions LutTile(LutInstruction lut)
    {
        checked
        {
            _lutElements += lut.Tile.Elements;
            return default(UnitActions) with
            {
                BufferBytesRead = lut.Tile.Elements * lut.Source.Format.SlotBytes,
                BufferBytesWritten = Written(lut.Tile, lut.Destination),
            };
        }
    }

    private UnitActions PoolTile(PoolInstruction pool)
    {
        checked
        {
            long written = Written(pool.Tile, pool.Destination);
            _poolElements += pool.Comparisons;
            return default(UnitActions) with
            {
                BufferBytesRead = pool.Comparisons * pool.Source.Format.SlotBytes,
                BufferBytesWritten = pool.Sum ? 0 : written,
                PsumBytesWritten = pool.Sum ? written : 0,
            };
        }
    }

    private UnitActions HostStep(HostInstruction host)
    {
        checked
        {
            _hostElements += host.Tile.Elements;
            return default(UnitActions) with
            {
                BufferBytesRead = host.Tile.Elements * host.Source.Format.SlotBytes,
                BufferBytesWritten = Written(host.Tile, host.Destination),
            };
        }
    }

    // What an instruction touches, once each; nothing for control.
    private static UnitActions Ranges(InstructionView instruction)
    {
        UnitActions actions = default;
        foreach (PitchedRange range in instruction.Ranges())
        {
            actions += range.Region switch
            {
                Region.Buffer when range.Write => default(UnitActions) with { BufferBytesWritten = range.Runs * range.RunBytes },
                Region.Buffer => default(UnitActions) with { BufferBytesRead = range.Runs * range.RunBytes },
                Region.Psum when range.Write => default(UnitActions) with { PsumBytesWritten = range.Runs * range.RunBytes },
                Region.Psum => default(UnitActions) with { PsumBytesRead = range.Runs * range.RunBytes },
                _ => default,
            };
        }

        return actions;
    }

    // Channels are written in whole groups of 8.
    private static long Written(in Extents tile, in TensorOperand result) =>
        checked(tile.Pixels * TensorOperand.PixelBytes(tile.Channels, result.Format));
}

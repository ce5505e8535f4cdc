using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Instructions;

/// <summary>LOAD and STORE.</summary>
public sealed class TransferInstruction : InstructionView
{
    internal TransferInstruction(Instruction i, int index)
        : base(i, index)
    {
        Region = (Region)i[Field.DramRegion];
        Bits = (int)i[Field.ElementBits];
        Groups = (int)i[Field.ChannelGroups];
        Tile = new Extents((int)i[Field.Images], (int)i[Field.Rows], (int)i[Field.Columns], Groups * 8);
        Dram = new Pitches(i[Field.DramAddress], i[Field.DramPixelPitch], i[Field.DramRowPitch], i[Field.DramImagePitch]);
        Buffer = new Pitches(i[Field.BufferAddress], i[Field.BufferPixelPitch], i[Field.BufferRowPitch], i[Field.BufferImagePitch]);
    }

    /// <summary>STORE if true, else LOAD.</summary>
    public bool Store => Opcode == Opcode.Store;

    /// <summary>Region in DRAM.</summary>
    public Region Region { get; }

    /// <summary>Bits of an element in DRAM.</summary>
    public int Bits { get; }

    /// <summary>Groups of 8 channels.</summary>
    public int Groups { get; }

    /// <summary>What is moved.</summary>
    public Extents Tile { get; }

    /// <summary>Where it lies in DRAM.</summary>
    public Pitches Dram { get; }

    /// <summary>Where it lies in the buffer.</summary>
    public Pitches Buffer { get; }

    /// <summary>Bytes of a slot in the buffer: 1, 2 or 4.</summary>
    public int SlotBytes => Bits <= 8 ? 1 : Bits <= 16 ? 2 : 4;

    /// <summary>Bytes of a pixel in DRAM.</summary>
    public long DramPixelBytes => (long)Groups * Bits;

    /// <summary>Bytes of a pixel in the buffer.</summary>
    public long BufferPixelBytes => (long)Groups * 8 * SlotBytes;

    /// <summary>Bytes of the tile in DRAM, without what bursts add.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public long DramBytes => checked(Tile.Pixels * DramPixelBytes);

    /// <summary>Bytes of the tile in the buffer.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public long BufferBytes => checked(Tile.Pixels * BufferPixelBytes);

    /// <summary>Cycles that the bytes of the transfer take at the buffer's port.</summary>
    /// <param name="arch">The machine.</param>
    public long PortCycles(ArchSpec arch)
    {
        int width = Store ? arch.StorePortBytesPerCycle : arch.LoadPortBytesPerCycle;
        return checked(BufferBytes + width - 1) / width;
    }

    /// <inheritdoc/>
    public override long Cycles(ArchSpec arch) => 0;

    /// <inheritdoc/>
    public override void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0)
    {
        PitchedRange dram = At(Field.DramAddress, Region, Dram, DramPixelBytes, Store);
        PitchedRange buffer = At(Field.BufferAddress, Region.Buffer, Buffer, BufferPixelBytes, !Store);
        ranges.Add(Store ? buffer : dram);
        ranges.Add(Store ? dram : buffer);
    }

    private PitchedRange At(Field operand, Region region, in Pitches at, long pixelBytes, bool write) => new(operand, region, write,
        at.Address, pixelBytes, Tile.Columns, at.Pixel, Tile.Rows, at.Row, Tile.Images, at.Image);
}

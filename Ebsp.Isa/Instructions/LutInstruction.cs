using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Instructions;

/// <summary>LUT: slot codes through a table.</summary>
public sealed class LutInstruction : InstructionView
{
    /// <summary>Entries of the table, one byte each.</summary>
    public const int TableBytes = 256;

    internal LutInstruction(Instruction i, int index)
        : base(i, index)
    {
        Source = TensorOperand.Read(i, Field.SrcAddress);
        Destination = TensorOperand.Read(i, Field.DstAddress);
        Tile = Extents.Read(i);
        TableAddress = (int)i[Field.Constants];
    }

    /// <summary>The input.</summary>
    public TensorOperand Source { get; }

    /// <summary>The result.</summary>
    public TensorOperand Destination { get; }

    /// <summary>The pixels and channels of both.</summary>
    public Extents Tile { get; }

    /// <summary>First byte of the table in the tables region.</summary>
    public int TableAddress { get; }

    /// <inheritdoc/>
    public override long Cycles(ArchSpec arch) => ArrayCycles.Beside(arch, Tile.Elements);

    /// <inheritdoc/>
    public override WrittenMap? Result => new(Region.Buffer, Destination, Tile);

    /// <inheritdoc/>
    public override void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0)
    {
        ranges.Add(Tensor(Field.SrcAddress, Region.Buffer, Source, Tile, write: false));
        AddConstants(ranges, TableBytes);
        ranges.Add(Tensor(Field.DstAddress, Region.Buffer, Destination, Tile, write: true));
    }
}

using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Instructions;

/// <summary>HOST: a step that the host computes between layers.</summary>
public class HostInstruction : InstructionView
{
    /// <summary>Reads a HOST.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="index">Its position in its program.</param>
    public HostInstruction(Instruction instruction, int index = 0)
        : base(instruction, index)
    {
        Instruction i = instruction;
        Step = (int)i[Field.Step];
        Source = TensorOperand.Read(i, Field.SrcAddress);
        SourceTile = new Extents((int)i[Field.Images], (int)i[Field.SrcImageRows], (int)i[Field.SrcImageColumns],
            (int)i[Field.SrcImageChannels]);
        Destination = TensorOperand.Read(i, Field.DstAddress);
        Tile = Extents.Read(i);
        ConstantsAddress = i[Field.Constants];
    }

    /// <summary>Index into the host section.</summary>
    public int Step { get; }

    /// <summary>The input.</summary>
    public TensorOperand Source { get; }

    /// <summary>Pixels and channels of the input.</summary>
    public Extents SourceTile { get; }

    /// <summary>The result.</summary>
    public TensorOperand Destination { get; }

    /// <summary>Pixels and channels of the result.</summary>
    public Extents Tile { get; }

    /// <summary>First byte of the constants block in the tables region, for kinds that have one.</summary>
    public long ConstantsAddress { get; }

    /// <inheritdoc/>
    public override long Cycles(ArchSpec arch) => checked(Tile.Elements * arch.HostCyclesPerElement);

    /// <inheritdoc/>
    public override WrittenMap? Result => new(Region.Buffer, Destination, Tile);

    /// <inheritdoc/>
    public override void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0)
    {
        ranges.Add(Tensor(Field.SrcAddress, Region.Buffer, Source, SourceTile, write: false));
        AddConstants(ranges, constantsBytes);
        ranges.Add(Tensor(Field.DstAddress, Region.Buffer, Destination, Tile, write: true));
    }
}

using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Instructions;

/// <summary>VECTOR: requantization, addition, tensor product, clamp, projection, terms.</summary>
public class VectorInstruction : InstructionView
{
    /// <summary>Reads a VECTOR.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="index">Its position in its program.</param>
    public VectorInstruction(Instruction instruction, int index = 0)
        : base(instruction, index)
    {
        Instruction i = instruction;
        Source = TensorOperand.Read(i, Field.SrcAddress);
        Add = TensorOperand.Read(i, Field.AddAddress);
        Destination = TensorOperand.Read(i, Field.DstAddress);
        Tile = Extents.Read(i);
        Space = (SourceSpace)i[Field.SrcSpace];
        Mode = (VectorMode)i[Field.Mode];
        Term = (ResultTerm)i[Field.Term];
        AddFirst = (int)i[Field.AddFirstGroup] * 8;
        AddGroups = (int)i[Field.AddGroups];
        ConstantsAddress = i[Field.Constants];
    }

    /// <summary>Operand a.</summary>
    public TensorOperand Source { get; }

    /// <summary>Operand b, if <see cref="AddGroups"/> is not 0.</summary>
    public TensorOperand Add { get; }

    /// <summary>The result.</summary>
    public TensorOperand Destination { get; }

    /// <summary>The pixels and channels of the result.</summary>
    public Extents Tile { get; }

    /// <summary>Memory of operand a.</summary>
    public SourceSpace Space { get; }

    /// <summary>Whether operand a lies in psum memory.</summary>
    public bool FromPsum => Space == SourceSpace.Psum;

    /// <summary>Formula.</summary>
    public VectorMode Mode { get; }

    /// <summary>Whether operands a and b are multiplied.</summary>
    public bool Product => Mode == VectorMode.Product;

    /// <summary>What is written of the result.</summary>
    public ResultTerm Term { get; }

    /// <summary>First channel that has an operand b.</summary>
    public int AddFirst { get; }

    /// <summary>Groups of 8 channels that have an operand b.</summary>
    public int AddGroups { get; }

    /// <summary>Channels that have an operand b.</summary>
    public int AddChannels => Math.Max(0, Math.Min(AddGroups * 8, Tile.Channels - AddFirst));

    /// <summary>First byte of the constants block in the tables region.</summary>
    public long ConstantsAddress { get; }

    /// <inheritdoc/>
    public override long Cycles(ArchSpec arch) => ArrayCycles.Beside(arch, Tile.Elements);

    /// <inheritdoc/>
    public override WrittenMap? Result => new(Region.Buffer, Destination, Tile);

    /// <inheritdoc/>
    public override void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0)
    {
        ranges.Add(Tensor(Field.SrcAddress, FromPsum ? Region.Psum : Region.Buffer, Source, Tile, write: false));
        if (AddGroups > 0)
            ranges.Add(Tensor(Field.AddAddress, Region.Buffer, Add, Tile with { Channels = 8 * AddGroups }, write: false));
        AddConstants(ranges, constantsBytes);
        ranges.Add(Tensor(Field.DstAddress, Region.Buffer, Destination, Tile, write: true));
    }
}

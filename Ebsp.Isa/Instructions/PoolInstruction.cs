using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Instructions;

/// <summary>POOL: maximum or sum over a kernel.</summary>
public sealed class PoolInstruction : InstructionView
{
    internal PoolInstruction(Instruction i, int index)
        : base(i, index)
    {
        Source = TensorOperand.Read(i, Field.SrcAddress);
        Destination = TensorOperand.Read(i, Field.DstAddress);
        Kernel = KernelGeometry.Read(i);
        Tile = Extents.Read(i);
        Mode = (PoolMode)i[Field.Mode];
        TouchedRows = Kernel.TouchedRows(Tile.Rows);
        TouchedColumns = Kernel.TouchedColumns(Tile.Columns);
    }

    /// <summary>The input feature map.</summary>
    public TensorOperand Source { get; }

    /// <summary>The result.</summary>
    public TensorOperand Destination { get; }

    /// <summary>The kernel.</summary>
    public KernelGeometry Kernel { get; }

    /// <summary>The output pixels and channels.</summary>
    public Extents Tile { get; }

    /// <summary>What is computed.</summary>
    public PoolMode Mode { get; }

    /// <summary>Sum if true, else maximum.</summary>
    public bool Sum => Mode == PoolMode.Sum;

    /// <summary>Source rows up to the last one that a tap falls on.</summary>
    public int TouchedRows { get; }

    /// <summary>Source columns up to the last one that a tap falls on.</summary>
    public int TouchedColumns { get; }

    /// <summary>Values that are compared or added: one a tap of every output element.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public long Comparisons => checked(Tile.Elements * Kernel.Taps);

    /// <summary>Elements of the source from its first row and column to the last that a tap falls on.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public long SourceElements => checked((long)Tile.Images * TouchedRows * TouchedColumns * Tile.Channels);

    /// <inheritdoc/>
    public override long Cycles(ArchSpec arch) => ArrayCycles.Beside(arch, Comparisons);

    /// <inheritdoc/>
    public override WrittenMap? Result => new(Sum ? Region.Psum : Region.Buffer, Destination, Tile);

    /// <inheritdoc/>
    public override void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0)
    {
        AddSource(ranges, Source, Kernel, Tile, Tile.Channels);
        ranges.Add(Tensor(Field.DstAddress, Sum ? Region.Psum : Region.Buffer, Destination, Tile, write: true));
    }
}

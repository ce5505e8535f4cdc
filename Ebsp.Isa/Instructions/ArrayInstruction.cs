using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>MATMUL (one tap, images are pixels), CONV, and DEPTHWISE (a group a source channel).</summary>
public sealed class ArrayInstruction : InstructionView
{
    internal ArrayInstruction(Instruction i, int index)
        : base(i, index)
    {
        bool matMul = i.Opcode == Opcode.MatMul;
        int channels = (int)i[Field.Channels];
        Multiplier = i.Opcode == Opcode.Depthwise ? (int)i[Field.Multiplier] : 0;
        Source = TensorOperand.Read(i, Field.SrcAddress);
        Kernel = matMul ? KernelGeometry.Point : KernelGeometry.Read(i);
        Tile = matMul ? new Extents((int)i[Field.Images], 1, 1, channels) : Extents.Read(i);
        SrcChannels = Multiplier > 0 ? 1 : (int)i[Field.SrcChannels];
        Groups = matMul ? 1 : Multiplier > 0 ? (channels + Multiplier - 1) / Multiplier : (int)i[Field.Groups];
        WeightAddress = (int)i[Field.WeightAddress];
        WeightFormat = FormatField.Decode(i[Field.WeightFormat]);
        Coding = (WeightCoding)i[Field.WeightCoding];
        Start = (StartKind)i[Field.Start];
        BiasAddress = (int)i[Field.BiasAddress];
        PsumAddress = (int)i[Field.PsumAddress];
        UnrollRows = matMul ? 1 : (int)i[Field.UnrollRows];
        UnrollColumns = (int)i[Field.UnrollColumns];
        // The pixels of a MATMUL have no window in common, and follow one another as images.
        PatchPositions = matMul ? UnrollColumns : Kernel.Patch(UnrollRows, UnrollColumns);
        Steps = matMul
            ? ArrayCycles.Steps(1, 1, Tile.Images, 1, UnrollColumns)
            : ArrayCycles.Steps(Tile.Images, Tile.Rows, Tile.Columns, UnrollRows, UnrollColumns);
        TouchedRows = Kernel.TouchedRows(Tile.Rows);
        TouchedColumns = Kernel.TouchedColumns(Tile.Columns);
        ChannelWeightBytes = (Reduction * WeightBits + 7) / 8;
    }

    /// <summary>The input feature map.</summary>
    public TensorOperand Source { get; }

    /// <summary>The kernel; one tap for MATMUL.</summary>
    public KernelGeometry Kernel { get; }

    /// <summary>The output pixels and channels.</summary>
    public Extents Tile { get; }

    /// <summary>Input channels of a group.</summary>
    public int SrcChannels { get; }

    /// <summary>Groups: sets of output channels that share their input channels.</summary>
    public int Groups { get; }

    /// <summary>Output channels that an input channel of a DEPTHWISE makes; 0 for the others.</summary>
    public int Multiplier { get; }

    /// <summary>First byte of the weights in the buffer.</summary>
    public int WeightAddress { get; }

    /// <summary>Format of the weights.</summary>
    public PatternFormat WeightFormat { get; }

    /// <summary>Coding of the weights.</summary>
    public WeightCoding Coding { get; }

    /// <summary>What the sums start at.</summary>
    public StartKind Start { get; }

    /// <summary>First byte of the biases in the buffer.</summary>
    public int BiasAddress { get; }

    /// <summary>First byte of the partial sums in psum memory.</summary>
    public int PsumAddress { get; }

    /// <summary>Output rows side by side in the array.</summary>
    public int UnrollRows { get; }

    /// <summary>Output columns side by side in the array; pixels of a MATMUL.</summary>
    public int UnrollColumns { get; }

    /// <summary>Output pixels side by side in the array: each output channel has so many columns.</summary>
    public int Unrolled => UnrollRows * UnrollColumns;

    /// <summary>Positions of the input that the windows of the pixels side by side have together: times the input channels of a group,
    /// rows of the array.</summary>
    public int PatchPositions { get; }

    /// <summary>Steps in which all output pixels go by: as many as there are pixels, if none stand side by side.</summary>
    public long Steps { get; }

    /// <summary>Source rows up to the last one that a tap falls on.</summary>
    public int TouchedRows { get; }

    /// <summary>Source columns up to the last one that a tap falls on.</summary>
    public int TouchedColumns { get; }

    /// <summary>Bytes of the weights of one output channel: each channel's stream starts at a byte.</summary>
    public long ChannelWeightBytes { get; }

    /// <summary>Output pixels P.</summary>
    public long Pixels => Tile.Pixels;

    /// <summary>Products of one output element: R * S * input channels of a group.</summary>
    public long Reduction => (long)Kernel.Taps * SrcChannels;

    /// <summary>Input channels of all groups.</summary>
    public int InputChannels => Groups * SrcChannels;

    /// <summary>Output channels of a group.</summary>
    public int GroupChannels => Tile.Channels / Groups;

    /// <summary>Bits of a weight code. Formats above 8 bits decode, though no valid instruction has them.</summary>
    public int WeightBits => WeightFormat.Bits > PatternFormat.MaxOperandBits
        ? WeightFormat.Bits
        : WeightPacking.Bits(WeightFormat, Coding);

    /// <summary>Weights of the tile.</summary>
    public long WeightCount => Tile.Channels * Reduction;

    /// <summary>Bytes of the weights of the tile.</summary>
    public long WeightBytes => Tile.Channels * ChannelWeightBytes;

    /// <summary>Bytes of the partial sums of the tile.</summary>
    public long PsumBytes => Pixels * TensorOperand.PixelBytes(Tile.Channels, PatternFormat.Int32);

    /// <summary>Products of the tile.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public long Products => checked(Pixels * WeightCount);

    /// <summary>Elements of the source from its first row and column to the last that a tap falls on.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public long SourceElements => checked((long)Tile.Images * TouchedRows * TouchedColumns * InputChannels);

    /// <summary>Elements of the input that a group has in the array in a step: y * x * input channels.</summary>
    public long PatchElements => (long)PatchPositions * SrcChannels;

    /// <summary>Sets of weights that all pixels go by, on a machine.</summary>
    public long Folds(ArchSpec arch) => Multiplier > 0
        ? ArrayCycles.DepthwiseFolds(arch, PatchPositions, Tile.Channels, Multiplier, Unrolled)
        : Groups * ChannelFolds(arch) * ArrayCycles.ReductionFolds(arch, PatchElements);

    /// <summary>Sets of output channels of a group that follow one another in the columns; 1 for DEPTHWISE, whose groups do.</summary>
    public long ChannelFolds(ArchSpec arch) => Multiplier > 0 ? 1 : ArrayCycles.ChannelFolds(arch, GroupChannels, Unrolled);

    /// <inheritdoc/>
    public override long Cycles(ArchSpec arch) => ArrayCycles.Of(arch, Folds(arch), Steps);

    /// <inheritdoc/>
    public override WrittenMap? Result => new(Region.Psum,
        TensorOperand.Dense(PsumAddress, PatternFormat.Int32, Tile.Rows, Tile.Columns, Tile.Channels), Tile);

    /// <inheritdoc/>
    public override void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0)
    {
        AddSource(ranges, Source, Kernel, Tile, InputChannels);
        ranges.Add(new PitchedRange(Field.WeightAddress, Region.Buffer, false, WeightAddress, WeightBytes));
        if (Start == StartKind.Bias)
            ranges.Add(new PitchedRange(Field.BiasAddress, Region.Buffer, false, BiasAddress, 4L * Tile.Channels));
        if (Start == StartKind.Accumulate)
            ranges.Add(new PitchedRange(Field.PsumAddress, Region.Psum, false, PsumAddress, PsumBytes));
        ranges.Add(new PitchedRange(Field.PsumAddress, Region.Psum, true, PsumAddress, PsumBytes));
    }
}

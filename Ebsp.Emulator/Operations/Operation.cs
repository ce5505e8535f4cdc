using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Operations;

/// <summary>A decoded instruction: fields as numbers, ranges checked.</summary>
internal abstract class Operation(int index)
{
    public int Index { get; } = index;

    /// <summary>The range that lies outside its region; executing the instruction traps.</summary>
    public (Region Region, long Address)? OutOfRange { get; set; }
}

/// <summary>Extents of the tile that is written.</summary>
internal readonly record struct Extents(int Images, int Rows, int Columns, int Channels)
{
    public static Extents Read(Instruction i) =>
        new((int)i[Field.Images], (int)i[Field.Rows], (int)i[Field.Columns], (int)i[Field.Channels]);

    public long Pixels => (long)Images * Rows * Columns;

    /// <summary>Channels in whole groups of 8.</summary>
    public int PaddedChannels => (Channels + 7) / 8 * 8;
}

/// <summary>What the sums of an array instruction start at.</summary>
internal enum StartKind
{
    Zero = 0,
    Bias = 1,
    Accumulate = 2,
}

/// <summary>MATMUL (one tap, images are pixels), CONV, and DEPTHWISE (a group a source channel).</summary>
internal sealed class ArrayOperation(int index) : Operation(index)
{
    public required Opcode Opcode { get; init; }
    public required TensorOperand Source { get; init; }
    public required KernelWindow KernelWindow { get; init; }
    public required Extents Tile { get; init; }
    public required int SrcChannels { get; init; }
    public required int Groups { get; init; }
    public required int WeightAddress { get; init; }
    public required PatternFormat WeightFormat { get; init; }
    public required WeightCoding Coding { get; init; }

    /// <summary>Bytes of the weights of one output channel: each channel's stream starts at a byte.</summary>
    public required long ChannelWeightBytes { get; init; }
    public required StartKind Start { get; init; }
    public required int BiasAddress { get; init; }
    public required int PsumAddress { get; init; }

    /// <summary>Products of one output element.</summary>
    public int Reduction => KernelWindow.Taps * SrcChannels;

    public int GroupChannels => Tile.Channels / Groups;

    public int WeightBits => WeightPacking.Bits(WeightFormat, Coding);

    public long WeightCount => (long)Tile.Channels * Reduction;

    public long WeightBytes => Tile.Channels * ChannelWeightBytes;

    public required int TouchedRows { get; init; }

    public required int TouchedColumns { get; init; }
}

internal sealed class VectorOperation(int index) : Operation(index)
{
    public required TensorOperand Source { get; init; }
    public required bool FromPsum { get; init; }
    public required TensorOperand Add { get; init; }

    /// <summary>First channel that has an operand b, and how many have one.</summary>
    public required int AddFirst { get; init; }
    public required int AddChannels { get; init; }
    public required TensorOperand Destination { get; init; }
    public required Extents Tile { get; init; }
    public required VectorConstants Constants { get; init; }
    public required bool Product { get; init; }

    /// <summary>0 whole, 1 first, 2 second.</summary>
    public required int Term { get; init; }
}

internal sealed class LutOperation(int index) : Operation(index)
{
    public required TensorOperand Source { get; init; }
    public required TensorOperand Destination { get; init; }
    public required Extents Tile { get; init; }
    public required int Table { get; init; }
}

internal sealed class PoolOperation(int index) : Operation(index)
{
    public required TensorOperand Source { get; init; }
    public required TensorOperand Destination { get; init; }
    public required KernelWindow KernelWindow { get; init; }
    public required Extents Tile { get; init; }
    public required bool Sum { get; init; }
}

/// <summary>LOAD and STORE.</summary>
internal sealed class TransferOperation(int index) : Operation(index)
{
    public required bool Store { get; init; }
    public required Region Region { get; init; }
    public required int Bits { get; init; }
    public required Extents Tile { get; init; }
    public required int Groups { get; init; }
    public required Pitches Dram { get; init; }
    public required Pitches Buffer { get; init; }

    public int SlotBytes => Bits <= 8 ? 1 : Bits / 8;
}

/// <summary>An address and its strides in bytes.</summary>
internal readonly record struct Pitches(long Address, long Pixel, long Row, long Image)
{
    public long At(int n, int y, int x) => Address + n * Image + y * Row + x * Pixel;
}

internal sealed class HostOperation(int index) : Operation(index)
{
    public required HostStepKind Kind { get; init; }

    /// <summary>The constants of a local response; null for other kinds.</summary>
    public required ResponseConstants? Response { get; init; }
    public required TensorOperand Source { get; init; }
    public required Extents SourceTile { get; init; }
    public required TensorOperand Destination { get; init; }
    public required Extents Tile { get; init; }
}

/// <summary>SYNC, MARK, PERF, NOP, END: no effect on data.</summary>
internal sealed class ControlOperation(int index) : Operation(index);

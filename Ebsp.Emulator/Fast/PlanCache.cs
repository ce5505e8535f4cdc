using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Operations;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>What the fast engine keeps from run to run, one of each kind for all instructions that can share it.</summary>
internal sealed class PlanCache
{
    private readonly ReadOnlyMemory<byte> _region;
    private readonly long[] _sources;
    private readonly Dictionary<StageShape, StageOffsets> _offsets = [];
    private readonly Dictionary<WeightShape, UnpackedWeights> _weights = [];
    private readonly Dictionary<(VectorConstants Constants, int Channels, bool Product), VectorRows> _rows = [];
    private readonly Dictionary<SlotEncoding, byte[]> _tables = [];

    /// <param name="operations">The operations in program order.</param>
    /// <param name="weights">Region weights.</param>
    public PlanCache(IReadOnlyList<Operation> operations, ReadOnlyMemory<byte> weights)
    {
        _region = weights;
        _sources = Sources(operations);
    }

    private readonly record struct WeightShape(long Address, long Bytes, bool Depthwise, int Groups, int Channels, int SrcChannels, int Taps, PatternFormat Format, WeightCoding Coding);

    /// <summary>The offsets of an array instruction's stage.</summary>
    public StageOffsets Offsets(ArrayOperation op)
    {
        StageShape shape = StageShape.Of(op);
        return _offsets.TryGetValue(shape, out StageOffsets? known) ? known : _offsets[shape] = new StageOffsets(shape);
    }

    /// <summary>The weights of a MATMUL or CONV.</summary>
    public WeightPanels Panels(ArrayOperation op) => Weights(op, source => new WeightPanels(op, source));

    /// <summary>The weights of a DEPTHWISE.</summary>
    public DepthwiseWeights Depthwise(ArrayOperation op) => Weights(op, source => new DepthwiseWeights(op, source));

    /// <summary>The constants of a VECTOR, element by element.</summary>
    public VectorRows Rows(VectorOperation op)
    {
        (VectorConstants, int, bool) key = (op.Constants, op.Tile.Channels, op.Product);
        return _rows.TryGetValue(key, out VectorRows? known) ? known : _rows[key] = new VectorRows(op);
    }

    /// <summary>The table of a slot encoding.</summary>
    public byte[] Table(in SlotEncoding encoding) => _tables.TryGetValue(encoding, out byte[]? known) ? known : _tables[encoding] = encoding.Table();

    private T Weights<T>(ArrayOperation op, Func<ReadOnlyMemory<byte>, T> make)
        where T : UnpackedWeights
    {
        long address = _sources[op.Index];
        if (address < 0)
            return make(default);
        WeightShape shape = new(address, op.WeightBytes, op.Opcode == Opcode.Depthwise, op.Groups, op.Tile.Channels, op.SrcChannels, op.Window.Taps, op.WeightFormat, op.Coding);
        if (!_weights.TryGetValue(shape, out UnpackedWeights? known))
            _weights[shape] = known = make(_region.Slice((int)address, (int)op.WeightBytes));
        return (T)known;
    }

    // The address in region weights of what each array instruction finds in the buffer if the units keep to the order of the program; -1 if another
    // LOAD than one run of bytes brought it. A hint: the bytes are compared whenever they are used.
    private static long[] Sources(IReadOnlyList<Operation> operations)
    {
        long[] sources = new long[operations.Count];
        Array.Fill(sources, -1);
        List<(long Start, long End, long Dram)> loaded = [];
        foreach (Operation operation in operations)
        {
            if (operation is TransferOperation { Store: false, Region: Region.Weights, Bits: 8, Tile: { Pixels: 1 } } load && load.OutOfRange is null)
            {
                long start = load.Buffer.Address, end = start + load.Groups * 8L;
                loaded.RemoveAll(slot => slot.Start < end && start < slot.End);
                loaded.Add((start, end, load.Dram.Address));
            }
            else if (operation is ArrayOperation array)
            {
                foreach ((long start, long end, long dram) in loaded)
                {
                    if (start <= array.WeightAddress && array.WeightAddress + array.WeightBytes <= end)
                        sources[array.Index] = dram + array.WeightAddress - start;
                }
            }
        }

        return sources;
    }
}

/// <summary>What the offsets into a stage depend on.</summary>
internal readonly record struct StageShape(
    int KernelRows, int KernelColumns, int StrideY, int StrideX, int DilationY, int DilationX, int Images, int Rows, int Columns, int StagedChannels, int SrcChannels)
{
    public static StageShape Of(ArrayOperation op) => new(
        op.Window.KernelRows, op.Window.KernelColumns, op.Window.StrideY, op.Window.StrideX, op.Window.DilationY, op.Window.DilationX,
        op.Tile.Images, op.Tile.Rows, op.Tile.Columns, (op.SrcChannels * op.Groups + 7) / 8 * 8, op.SrcChannels);
}

/// <summary>Where the operands of an array instruction lie in its stage.</summary>
internal sealed class StageOffsets
{
    public StageOffsets(in StageShape shape)
    {
        int columns = (shape.Columns - 1) * shape.StrideX + (shape.KernelColumns - 1) * shape.DilationX + 1;
        int rows = (shape.Rows - 1) * shape.StrideY + (shape.KernelRows - 1) * shape.DilationY + 1;
        Pixels = GC.AllocateUninitializedArray<int>(shape.Images * shape.Rows * shape.Columns, pinned: true);
        int next = 0;
        for (int n = 0; n < shape.Images; n++)
        {
            for (int y = 0; y < shape.Rows; y++)
            {
                for (int x = 0; x < shape.Columns; x++)
                    Pixels[next++] = ((n * rows + y * shape.StrideY) * columns + x * shape.StrideX) * shape.StagedChannels;
            }
        }

        Taps = GC.AllocateUninitializedArray<int>(shape.KernelRows * shape.KernelColumns * ((shape.SrcChannels + 3) / 4), pinned: true);
        next = 0;
        for (int r = 0; r < shape.KernelRows; r++)
        {
            for (int s = 0; s < shape.KernelColumns; s++)
            {
                for (int c = 0; c < shape.SrcChannels; c += 4)
                    Taps[next++] = (r * shape.DilationY * columns + s * shape.DilationX) * shape.StagedChannels + c;
            }
        }
    }

    /// <summary>Offset of each output pixel's first tap.</summary>
    public int[] Pixels { get; }

    /// <summary>Offset of each step from a pixel's first tap.</summary>
    public int[] Taps { get; }
}

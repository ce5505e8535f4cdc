using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// What the fast engine keeps from run to run: one of each kind for all instructions that can share it, and for all machines of a program,
/// whatever threads they run on. It is made at first use and does not change afterwards.
/// </summary>
internal sealed class PlanCache
{
    private readonly object _gate = new();
    private readonly ReadOnlyMemory<byte> _region;
    private readonly long[] _sources;
    private readonly ArrayPlan?[] _arrays;
    private readonly VectorPlan?[] _vectors;
    private readonly Dictionary<StageShape, StageOffsets> _offsets = [];
    private readonly Dictionary<WeightShape, SharedWeights> _weights = [];
    private readonly Dictionary<(VectorConstants Constants, int Channels, bool Product), VectorRows> _rows = [];
    private readonly Dictionary<SlotEncoding, byte[]> _tables = [];

    /// <param name="decoded">The program.</param>
    public PlanCache(DecodedProgram decoded)
    {
        _region = decoded.Program.Weights;
        _sources = WeightSources.Of(decoded);
        _arrays = new ArrayPlan?[decoded.Instructions.Length];
        _vectors = new VectorPlan?[decoded.Instructions.Length];
    }

    private readonly record struct WeightShape(long Address, long Bytes, bool Depthwise, int Groups, int Channels, int SrcChannels,
        int Taps, PatternFormat Format, WeightCoding Coding);

    /// <summary>The plan of a MATMUL, CONV or DEPTHWISE.</summary>
    public ArrayPlan Of(ArrayInstruction op)
    {
        if (Volatile.Read(ref _arrays[op.Index]) is { } known)
            return known;
        lock (_gate)
        {
            ArrayPlan plan = new(Offsets(op), Weights(op));
            Volatile.Write(ref _arrays[op.Index], plan);
            return plan;
        }
    }

    /// <summary>The plan of a VECTOR.</summary>
    public VectorPlan Of(VectorOperation op)
    {
        if (Volatile.Read(ref _vectors[op.Index]) is { } known)
            return known;
        lock (_gate)
        {
            SlotEncoding encoding = new(op.Destination.Format, op.Term);
            VectorPlan plan = new(op, encoding, op.Destination.Format.SlotBytes == 1 ? Table(encoding) : [], Rows(op));
            Volatile.Write(ref _vectors[op.Index], plan);
            return plan;
        }
    }

    private StageOffsets Offsets(ArrayInstruction op)
    {
        StageShape shape = StageShape.Of(op);
        return _offsets.TryGetValue(shape, out StageOffsets? known) ? known : _offsets[shape] = new StageOffsets(shape);
    }

    private SharedWeights? Weights(ArrayInstruction op)
    {
        long address = _sources[op.Index];
        if (address < 0)
            return null;
        WeightShape shape = new(address, op.WeightBytes, op.Opcode == Opcode.Depthwise, op.Groups, op.Tile.Channels, op.SrcChannels,
            op.Kernel.Taps, op.WeightFormat, op.Coding);
        return _weights.TryGetValue(shape, out SharedWeights? known)
            ? known
            : _weights[shape] = new SharedWeights(_region.Slice((int)address, (int)op.WeightBytes));
    }

    private VectorRows Rows(VectorOperation op)
    {
        (VectorConstants, int, bool) key = (op.Constants, op.Tile.Channels, op.Product);
        return _rows.TryGetValue(key, out VectorRows? known) ? known : _rows[key] = new VectorRows(op);
    }

    private byte[] Table(in SlotEncoding encoding) => _tables.TryGetValue(encoding, out byte[]? known)
        ? known
        : _tables[encoding] = encoding.Table();
}

/// <summary>What an array instruction keeps from run to run.</summary>
/// <param name="Offsets">The offsets of its stage.</param>
/// <param name="Weights">Its weights; null if the order of the program does not tell where they come from.</param>
internal sealed record ArrayPlan(StageOffsets Offsets, SharedWeights? Weights);

/// <summary>What the offsets into a stage depend on.</summary>
internal readonly record struct StageShape(
    int KernelRows, int KernelColumns, int StrideY, int StrideX, int DilationY, int DilationX, int Images, int Rows, int Columns,
        int StagedChannels, int SrcChannels, int Taps)
{
    public static StageShape Of(ArrayInstruction op) => new(
        op.Kernel.KernelRows, op.Kernel.KernelColumns, op.Kernel.StrideY, op.Kernel.StrideX,
            op.Kernel.DilationY, op.Kernel.DilationX,
        op.Tile.Images, op.Tile.Rows, op.Tile.Columns, (op.SrcChannels * op.Groups + 7) / 8 * 8, op.SrcChannels, op.Kernel.Taps);
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

        Taps = GC.AllocateUninitializedArray<int>(shape.Taps * ((shape.SrcChannels + 3) / 4), pinned: true);
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

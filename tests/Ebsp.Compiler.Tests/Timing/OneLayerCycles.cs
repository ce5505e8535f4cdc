using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.Timing;

/// <summary>The tile that the compiler chose: its largest extents.</summary>
internal readonly record struct TileCut(int Images, int Rows, int Columns, int Channels);

/// <summary>A tile of some extents, and the output pixels that the compiler put side by side for it.</summary>
internal readonly record struct PixelTile(int Images, int Rows, int Columns);

/// <summary>What bounds the steady state of a layer.</summary>
internal enum Bound
{
    /// <summary>The array works without a break; everything else hides behind it.</summary>
    Compute,

    /// <summary>The loads of the weights follow one another without a break.</summary>
    Dram,

    /// <summary>Neither: the channel is shared in ways that the closed form does not cover.</summary>
    Mixed,
}

/// <summary>
/// Total cycles of the program of one layer in closed form, from the shape, the machine and the tile alone: docs/closed-form.md derives it.
/// It uses no code that executes or times instructions.
/// </summary>
internal sealed class OneLayerCycles
{
    private readonly OneLayer _layer;
    private readonly ArchSpec _arch;
    private readonly long[] _array;     // A: each tile, fold by fold
    private readonly long[] _vector;    // V: each tile
    private readonly long[] _weights;   // W: each fold, transfer alone
    private readonly long[] _constants; // X: each fold, transfer alone
    private readonly long[] _ahead;     // R: each fold, computing on one pixel to read constants ahead
    private readonly bool _readAhead;
    private readonly long _input;
    private readonly long _output;

    /// <param name="layer">The layer.</param>
    /// <param name="arch">The machine.</param>
    /// <param name="cut">The tile.</param>
    /// <param name="sideBySide">Output rows and columns side by side in a tile of some extents and channels.</param>
    /// <param name="readAhead">Whether a VECTOR on one pixel reads each fold's constants ahead.</param>
    public OneLayerCycles(OneLayer layer, ArchSpec arch, TileCut cut, Func<PixelTile, int, (int Rows, int Columns)> sideBySide,
        bool readAhead)
    {
        (_layer, _arch, _readAhead) = (layer, arch, readAhead);
        long pixelsIn = (long)layer.Batch * layer.Input.Height * layer.Input.Width,
            pixelsOut = (long)layer.Batch * layer.Rows * layer.Columns;
        _input = Transfer(0, pixelsIn * Eights(layer.Input.Channels) * layer.Activations.Bits, pixelsIn * Eights(layer.Input.Channels) * 8,
            arch.LoadPortBytesPerCycle);
        _output = Transfer(0, pixelsOut * Eights(layer.Outputs) * 32, pixelsOut * Eights(layer.Outputs) * 32, arch.StorePortBytesPerCycle);
        PixelTile[] pixels = [.. Cut(layer.Batch, cut.Images)
            .SelectMany(n => Cut(layer.Rows, cut.Rows)
                .SelectMany(y => Cut(layer.Columns, cut.Columns).Select(x => new PixelTile(n, y, x))))];
        int[] folds = [.. Cut(layer.Outputs, cut.Channels)];
        (Folds, Tiles) = (folds.Length, pixels.Length);
        _array = [.. folds.SelectMany(k => pixels.Select(p => ArrayCycles(k, p, sideBySide(p, k))))];
        _vector = [.. folds.SelectMany(k => pixels.Select(p => Ceil((long)p.Images * p.Rows * p.Columns * k, arch.Columns)))];
        _ahead = [.. folds.Select(k => Ceil(k, arch.Columns))];
        (_weights, _constants) = (new long[Folds], new long[Folds]);
        long weightAddress = 0, constantsAddress = 0;
        int codeBits = WeightPacking.Bits(layer.Weights, WeightCoding.Index);
        for (int f = 0; f < Folds; f++)
        {
            long weightBytes = Eights(folds[f] * 4L) * 8 + Eights(folds[f] * Ceil((long)layer.Taps * layer.GroupInputs * codeBits, 8)) * 8;
            long constantsBytes = 24 + Eights(folds[f] * 4L) * 8 + (layer.Offsets ? 8L * folds[f] : 0);
            _weights[f] = Transfer(weightAddress, weightBytes, weightBytes, arch.LoadPortBytesPerCycle);
            _constants[f] = Dram(constantsAddress, constantsBytes);
            weightAddress = Ceil(weightAddress + weightBytes, 64) * 64;
            constantsAddress += constantsBytes;
        }
    }

    /// <summary>Folds of the output channels.</summary>
    public int Folds { get; }

    /// <summary>Tiles of the pixels.</summary>
    public int Tiles { get; }

    /// <summary>Which of the two forms covers the layer; a layer of one tile is covered without a condition.</summary>
    public Bound Bound =>
        Folds * Tiles == 1 || Latency + _weights.Max() + _constants.Max() + _vector.Max() + (_readAhead ? _ahead.Max() : 0) <= _array.Min()
            ? Bound.Compute
        : Tiles == 1 && (_readAhead ? IsDramBoundReadingAhead : IsDramBound) ? Bound.Dram : Bound.Mixed;

    private bool IsDramBound => ArrayHidesBehindWeights
        && Enumerable.Range(0, Math.Max(Folds - 2, 0))
            .All(f => Latency + _constants[f] + _vector[f] <= Math.Max(Latency, _constants[f]) + _weights[f + 2]);

    private bool IsDramBoundReadingAhead => ArrayHidesBehindWeights
        && Math.Max(_array[0], _constants[0] + _ahead[0]) + _vector[0] <= Math.Max(Latency, _constants[0]) + _weights[1]
        && Enumerable.Range(1, Math.Max(Folds - 3, 0))
            .All(f => Latency + _constants[f] + _ahead[f] + _vector[f] <= Math.Max(Latency, _constants[f]) + _weights[f + 2]);

    private bool ArrayHidesBehindWeights => Enumerable.Range(0, Folds - 1).All(f => _array[f] <= _weights[f + 1]);

    /// <summary>Cycles until the first tile starts.</summary>
    public long StartUp =>
        Math.Max(Math.Max(_arch.FetchCycles + Latency + _weights[0], 2 * _arch.FetchCycles) + Latency + _input, 3 * _arch.FetchCycles);

    /// <summary>Start-up, the larger of the two steady states, drain.</summary>
    public long Total
    {
        get
        {
            long steady = Tiles > 1 ? _array.Sum() : Math.Max(_array.Sum(), _readAhead ? DramSteadyReadingAhead : DramSteady);
            long drain = (Tiles == 1 && !_readAhead ? Latency + _constants[^1] : 0) + _vector[^1] + Latency + _output;
            return StartUp + steady + drain;
        }
    }

    private long DramSteady => Enumerable.Range(1, Folds - 1).Sum(f => Math.Max(Latency, f >= 2 ? _constants[f - 2] : 0) + _weights[f])
        + Math.Max(_array[^1], Folds > 1 ? _constants[^2] + _vector[^2] : 0);

    // The first fold's constants come with the input, the others' one load after their weights.
    private long DramSteadyReadingAhead => Enumerable.Range(1, Folds - 1)
        .Sum(f => Math.Max(Latency, f == 1 ? _constants[0] : f >= 3 ? _constants[f - 2] : 0) + _weights[f])
        + Math.Max(_array[^1], (Folds >= 3 ? _constants[^2] + _ahead[^2] + _vector[^2] : 0) + (Folds > 1 ? Latency : 0) + _constants[^1]
            + _ahead[^1]);

    private long Latency => _arch.DramLatencyCycles;

    private long ArrayCycles(int channels, PixelTile tile, (int Rows, int Columns) unroll)
    {
        int outputsOfGroup = _layer.Outputs / _layer.Groups, pixels = unroll.Rows * unroll.Columns;
        KernelWindow window = _layer.KernelWindow;
        // The pixels of a fully connected layer are images: they have no window in common.
        bool apart = _layer is { Input: { Height: 1, Width: 1 }, Groups: 1, Taps: 1 };
        long patch = apart ? pixels : Positions(unroll.Rows, window.KernelRows, window.StrideY, window.DilationY)
            * Positions(unroll.Columns, window.KernelColumns, window.StrideX, window.DilationX);
        long steps = apart ? Ceil(tile.Images, pixels) : tile.Images * Ceil(tile.Rows, unroll.Rows) * Ceil(tile.Columns, unroll.Columns);
        long groups = Math.Max(1, channels / outputsOfGroup);
        long folds = _layer.IsDepthwise
            ? Ceil(groups, DepthwiseChannels(patch, outputsOfGroup * pixels)) * Ceil(patch, _arch.Rows)
            : groups * Ceil(channels / groups, _arch.Columns / pixels) * Ceil(patch * _layer.GroupInputs, _arch.Rows);
        return _arch.Rows + folds * Math.Max(steps, _arch.Rows) + _arch.Columns - 1;
    }

    // Source positions of neighboring windows, one by one.
    private static long Positions(int windows, int taps, int stride, int dilation) => Enumerable.Range(0, windows)
        .SelectMany(window => Enumerable.Range(0, taps).Select(tap => window * stride + tap * dilation)).Distinct().Count();

    private long DepthwiseChannels(long patch, int columns) => _arch.DepthwiseMapping == DepthwiseMapping.OneChannel ? 1
        : Math.Max(1, Math.Min(_arch.Rows / patch, _arch.Columns / columns));

    private long Transfer(long address, long dramBytes, long bufferBytes, int port) =>
        Math.Max(Dram(address, dramBytes), Ceil(bufferBytes, port));

    private long Dram(long address, long bytes)
    {
        long burst = _arch.DramBurstBytes;
        Int128 moved = (Ceil(address + bytes, burst) - address / burst) * (Int128)burst;
        return (long)((moved * _arch.ClockHz + _arch.DramBytesPerSecond - 1) / _arch.DramBytesPerSecond);
    }

    private static IEnumerable<int> Cut(int size, int part)
    {
        for (int at = 0; at < size; at += part)
            yield return Math.Min(part, size - at);
    }

    private static long Eights(long count) => Ceil(count, 8);

    private static long Ceil(long a, long b) => (a + b - 1) / b;
}

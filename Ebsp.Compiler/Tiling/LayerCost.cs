using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tiling;

/// <summary>What one layer costs when it is cut into tiles: buffer bytes, and cycles by the formulas of docs/timing.md.</summary>
/// <param name="graph">The integer graph.</param>
/// <param name="arch">The machine.</param>
/// <param name="batch">Images of a run.</param>
/// <param name="layer">The layer.</param>
public sealed class LayerCost(Graph graph, ArchSpec arch, int batch, Layer layer)
{
    // A tile instruction below this size wastes the array's fill time and an emulator's set-up time.
    private const long MinimumMacs = 256 * 1024;

    // A depthwise layer has few MACs a pixel, and no matrix unit takes them.
    private const long MinimumDepthwiseMacs = 64 * 1024;

    private readonly string[] _stores = [.. layer.Stores];

    /// <summary>The window that the layer lays over its source.</summary>
    internal KernelWindow Geometry { get; } = layer.Node.Op switch
    {
        IntegerConv conv => conv.Geometry,
        SumPool pool => pool.Geometry,
        MaxPool pool => pool.Geometry,
        _ => new KernelWindow(1, 1),
    };

    private readonly Dictionary<(int, int, int, int, int), double> _arrayTiles = [];
    private PixelBlocks? _blocks;

    /// <summary>Shape of the layer's output.</summary>
    public Shape Output { get; } = graph.TypeOf(layer is MapLayer map ? map.Output : layer.Node.Output).Shape;

    /// <summary>Whether each input channel is an output channel's only one.</summary>
    public bool IsDepthwise => layer is ArrayLayer && Blocks.IsDepthwise;

    /// <summary>Whether the array sees the pixels of a layer as images of a fully connected one.</summary>
    public bool IsMatMul => layer is ArrayLayer && Blocks.IsMatMul;

    /// <summary>Kernel positions R*S.</summary>
    public long Taps => Geometry.Taps;

    /// <summary>Input channels of a group.</summary>
    public int GroupInputs => layer is ArrayLayer { Conv: { } conv } ? layer.Source.Channels / conv.Groups : layer.Source.Channels;

    /// <summary>Products of one output element; 1 for layers without an array.</summary>
    public long Reduction => layer is ArrayLayer ? Taps * GroupInputs : 1;

    /// <summary>Bytes of a weight tile: biases and codes.</summary>
    /// <param name="channels">Output channels.</param>
    /// <param name="inputs">Input channels of a group.</param>
    public long WeightTileBytes(int channels, int inputs) =>
        layer is ArrayLayer { Conv: { } conv } ? WeightTileSize.Bytes(conv.WeightFormat, channels, Taps * inputs) : 0;

    /// <summary>
    /// Sizes of the staged operands of a tile, in whole alignments: source, one added operand a write (0 where another write has it too),
    /// one result a stored tensor; 0 where none is staged.
    /// </summary>
    /// <param name="shape">The tile.</param>
    /// <param name="isSpilled">Whether a tensor lives in DRAM.</param>
    public IReadOnlyList<long> StageSizes(TileShape shape, Func<string, bool> isSpilled)
    {
        // Asked of every candidate: one array, no more.
        long[] sizes = new long[1 + layer.Writes.Length + _stores.Length];
        if (isSpilled(layer.Source.Tensor))
            sizes[0] = WindowPixels(shape) * TensorOperand.PixelBytes(StagedSourceChannels(shape), FormatOf(layer.Source.Tensor));
        for (int i = 0; i < layer.Writes.Length; i++)
        {
            if (layer.Writes[i].Add is { } add && isSpilled(add.Tensor) && layer.StagedAdd(i) == i)
                sizes[1 + i] = (add.IsRepeated ? shape.Images : shape.Pixels)
                    * TensorOperand.PixelBytes(StagedChannels(shape, add.Channels), FormatOf(add.Tensor));
        }

        for (int i = 0; i < _stores.Length; i++)
        {
            if (isSpilled(_stores[i]))
                sizes[1 + layer.Writes.Length + i] =
                    shape.Pixels * TensorOperand.PixelBytes(StagedChannels(shape, Output.Channels), FormatOf(_stores[i]));
        }

        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = MemoryPlan.Align(sizes[i]);
        return sizes;
    }

    /// <summary>Whether all weights of the layer lie in the buffer together, so that each is loaded once.</summary>
    public bool WeightsStay(TileShape shape) => WeightRingBytes(shape) <= arch.BufferBytes / 4;

    /// <summary>Bytes that all weight tiles take side by side.</summary>
    public long WeightRingBytes(TileShape shape) => layer is ArrayLayer
        ? Ceil(Output.Channels, shape.Channels) * Pieces(shape) * MemoryPlan.Align(WeightTileBytes(shape.Channels, shape.Inputs)) : 0;

    /// <summary>Tiles of the layer.</summary>
    public long TilesOf(TileShape shape) =>
        Ceil(batch, shape.Images) * Ceil(Output.Height, shape.Rows) * Ceil(Output.Width, shape.Columns) * Ceil(Output.Channels,
        shape.Channels);

    /// <summary>Whether a tile instruction is smaller than the machine likes, though the layer has more: fewer pixels than rows, or fewer
    /// MACs than 256 Ki.</summary>
    public bool IsSmall(TileShape shape)
    {
        if (layer is not ArrayLayer)
            return false;
        long map = (long)batch * Output.Height * Output.Width;
        foreach ((long _, TileShape tile) in Parts(shape))
        {
            long macs = tile.Pixels * Taps * tile.Inputs * tile.Channels, most = map * Taps * tile.Inputs * tile.Channels;
            if (tile.Pixels < Math.Min(arch.Rows, map) || macs < Math.Min(IsDepthwise ? MinimumDepthwiseMacs : MinimumMacs, most))
                return true;
        }

        return false;
    }

    /// <summary>Estimated cycles.</summary>
    public LayerCycles Cycles(TileShape shape, Func<string, bool> isSpilled)
    {
        double array = 0, pool = 0, vector = 0, weights = 0, activations = 0, head = 0, first = 0, tail = 0;
        long folds = Ceil(Output.Channels, shape.Channels), pixels = TilesOf(shape) / folds, pieces = Pieces(shape);
        bool weightsAgain = !WeightsStay(shape) && (pieces > 1 || shape.PixelsFirst);
        bool windowAgain = !shape.PixelsFirst && (pieces > 1 || pixels > 1 || layer is not ArrayLayer { Conv.Groups: 1 });
        foreach ((long count, TileShape tile) in Parts(shape))
        {
            double work = ArrayTile(tile), map = PoolTile(tile), requantized = VectorTile(tile), moved = 0, stored = 0;
            double part = 1.0 / folds;
            array += count * work;
            pool += count * map;
            vector += count * requantized;
            weights += WeightLoads(tile) * (weightsAgain ? count : count / (double)pixels);
            double window = isSpilled(layer.Source.Tensor) ? SourceTransfer(tile) : 0;
            moved += window * (windowAgain ? count : count * part);
            for (int i = 0; i < layer.Writes.Length; i++)
            {
                if (layer.Writes[i].Add is { } add && isSpilled(add.Tensor) && layer.StagedAdd(i) == i)
                    moved += TileTransfer(add.IsRepeated ? tile with { Rows = 1, Columns = 1 } : tile, add.Tensor, add.Channels) * (
                        shape.PixelsFirst ? count * part : count);
            }

            foreach (string output in layer.Stores.Where(isSpilled))
                stored += TileTransfer(tile, output, Output.Channels);
            activations += moved + stored * (shape.PixelsFirst ? count * part : count);
            // Parts come with the full tile first and the smallest, the last one of the layer, last.
            (head, first) = first == 0 ? (window, layer is ArrayLayer ? work : map + requantized + stored) : (head, first);
            tail = requantized + stored;
        }

        return new LayerCycles(array, pool, vector, weights, activations, head, tail, first);
    }

    /// <summary>Array cycles of a tile, all its instructions.</summary>
    public double ArrayTile(TileShape tile)
    {
        if (layer is not ArrayLayer)
            return 0;
        // Each instruction fills and drains the array once.
        (int, int, int, int, int) key = (tile.Images, tile.Rows, tile.Columns, tile.Channels, tile.Inputs);
        if (!_arrayTiles.TryGetValue(key, out double cycles))
        {
            (_, long folds, long steps) = Blocks.Best(tile);
            cycles = Pieces(tile) * (double)ArrayCycles.FillAndDrain(arch) + folds * (double)ArrayCycles.Fold(arch, steps);
            _arrayTiles[key] = cycles;
        }

        return cycles;
    }

    /// <summary>The output pixels that stand side by side in the array in a tile: the block with the fewest cycles.</summary>
    public PixelBlock SideBySide(TileShape tile) => layer is ArrayLayer ? Blocks.Best(tile).Block : PixelBlock.One;

    /// <summary>How a tile lies on the array.</summary>
    public TileMapping MappingOf(TileShape tile)
    {
        (PixelBlock block, long folds, long steps) = Blocks.Best(tile);
        return new TileMapping(block, Blocks.Patch(block), Math.Min(Blocks.ChannelsTogether(block), tile.Channels),
            Blocks.ReductionFolds(block, tile.Inputs), folds, steps);
    }

    /// <summary>The array with the first fold of a tile.</summary>
    internal ImmutableArray<string> Drawing(ArrayLayer conv, TileShape tile) =>
        ArrayDrawing.Of(arch, conv, MappingOf(tile), tile.Inputs);

    /// <summary>Steps of the whole layer, each as often as there are folds.</summary>
    public double StreamedSteps(TileShape shape) => Parts(shape).Sum(part => Blocks.Best(part.Tile) is var best
        ? part.Count * (double)best.Folds * best.Steps : 0);

    /// <summary>Steps of columns that hold an output channel, in the whole layer.</summary>
    public double ColumnSteps(TileShape shape) => Parts(shape).Sum(part => Blocks.Best(part.Tile) is var best
        ? part.Count * (double)best.Steps * part.Tile.Channels * best.Block.Pixels * Blocks.ReductionFolds(best.Block, part.Tile.Inputs)
        : 0);

    private PixelBlocks Blocks => _blocks ??= new PixelBlocks(arch, (ArrayLayer)layer,
        layer.Source is { Rows: 1, Columns: 1 } && Output is { Height: 1, Width: 1 }
            ? new PixelBlock(1, batch)
            : new PixelBlock(Output.Height, Output.Width));

    /// <summary>Array instructions of a tile.</summary>
    public long Pieces(TileShape shape) => layer is ArrayLayer ? Ceil(GroupInputs, shape.Inputs) : 1;

    /// <summary>Channels that a staged source window has.</summary>
    private int StagedSourceChannels(TileShape shape) => shape.PixelsFirst ? layer.Source.Channels
        : layer is not ArrayLayer { Conv: { } conv } ? shape.Channels
        : Math.Max(1, shape.Channels / (conv.OutputChannels / conv.Groups)) * Math.Min(shape.Inputs, GroupInputs);

    private static int StagedChannels(TileShape shape, int all) => shape.PixelsFirst ? all : Math.Min(shape.Channels, all);

    /// <summary>Cycles of the pool unit on a tile.</summary>
    internal double PoolTile(TileShape tile) => layer is SumPoolLayer or MapLayer { Node.Op: MaxPool }
        ? Ceil(tile.Pixels * tile.Channels * Taps, arch.Columns)
        : 0;

    /// <summary>Cycles of the vector unit on a tile, all its writes.</summary>
    internal double VectorTile(TileShape tile)
    {
        double pass = Ceil(tile.Pixels * tile.Channels, arch.Columns);
        // Several writes of one tile alternate between constants blocks, and so do folds of channels one after another: each reads its own
        // again.
        bool alternates = layer.Writes.Length > 1 || (tile.PixelsFirst && tile.Channels < Output.Channels);
        double constants = !alternates ? 0 : arch.DramLatencyCycles + Transfer(24 + 12L * tile.Channels);
        if (layer is MapLayer { Node.Op: ResponseNorm })
            return (double)tile.Pixels * tile.Channels * arch.HostCyclesPerElement; // The host stands where the vector unit does elsewhere.
        return layer is MapLayer { Node.Op: LookUp } ? pass : layer.Writes.Length * (pass + constants);
    }

    private double WeightLoads(TileShape tile) =>
        layer is ArrayLayer ? Pieces(tile) * arch.DramLatencyCycles + Transfer(WeightTileBytes(tile.Channels, GroupInputs)) : 0;

    private double SourceTransfer(TileShape shape)
    {
        int channels = shape.PixelsFirst || shape.Inputs >= GroupInputs ? StagedSourceChannels(shape) : GroupInputs;
        long parts = shape.PixelsFirst ? 1 : Pieces(shape);
        long bursts = BurstBytes(WindowPixels(shape), layer.Source.Columns, (int)Ceil(channels, parts), layer.Source.Tensor,
            layer.Source.ColumnStep);
        return parts * (arch.DramLatencyCycles + Transfer(bursts));
    }

    private double TileTransfer(TileShape shape, string tensor, int all) =>
        arch.DramLatencyCycles + Transfer(BurstBytes(shape.Pixels, shape.Columns, StagedChannels(shape, all), tensor, 1));

    // Whole pixels make one run; some channels of each make a run a pixel, and every run ends in a burst that it does not fill.
    private long BurstBytes(long pixels, int columns, int channels, string tensor, int step)
    {
        long groups = Ceil(channels, 8), bits = FormatOf(tensor).Bits;
        bool isWhole = step == 1 && groups == Ceil(graph.TypeOf(tensor).Shape.Channels, 8);
        long runs = isWhole ? Ceil(pixels, columns) : pixels;
        return pixels * groups * bits + runs * (arch.DramBurstBytes - 1);
    }

    private long WindowPixels(TileShape shape) => shape.Images
        * Math.Min(layer.Source.Rows, (shape.Rows - 1L) * Geometry.StrideY + Geometry.SpanRows)
        * Math.Min(layer.Source.Columns, (shape.Columns - 1L) * Geometry.StrideX + Geometry.SpanColumns);

    private double Transfer(long bytes) => (double)bytes * arch.ClockHz / arch.DramBytesPerSecond;

    // How often each size of tile occurs: full ones, and what is left at the end of each direction.
    private IEnumerable<(long Count, TileShape Tile)> Parts(TileShape shape) =>
        from images in Cut(batch, shape.Images)
        from channels in Cut(Output.Channels, shape.Channels)
        from columns in Cut(Output.Width, shape.Columns)
        from rows in Cut(Output.Height, shape.Rows)
        select (images.Count * channels.Count * columns.Count * rows.Count,
            shape with { Images = images.Size, Channels = channels.Size, Columns = columns.Size, Rows = rows.Size });

    private static IEnumerable<(long Count, int Size)> Cut(int size, int part)
    {
        yield return (size / part, part);
        if (size % part != 0)
            yield return (1, size % part);
    }

    private PatternFormat FormatOf(string tensor) => graph.TypeOf(tensor).Format!.Value;

    private static long Ceil(long a, long b) => (a + b - 1) / b;
}

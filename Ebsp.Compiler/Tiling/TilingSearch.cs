using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// Chooses the tile of a layer: the cut with the fewest estimated cycles among those whose sums fit a bank of partial sums and whose
/// staged windows fit their share of the buffer.
/// </summary>
/// <param name="graph">The integer graph.</param>
/// <param name="arch">The machine.</param>
/// <param name="batch">Images of a run.</param>
public sealed class TilingSearch(Graph graph, ArchSpec arch, int batch)
{
    // A tile instruction below this size wastes the array's fill time and an emulator's set-up time.
    private const long MinimumMacs = 256 * 1024;

    /// <summary>The shape of a layer's output.</summary>
    public Shape OutputOf(Layer layer) => graph.TypeOf(layer is MapLayer map ? map.Output : layer.Node.Output).Shape;

    /// <summary>The tile shape of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="spilled">Tensors that live in DRAM: their windows are staged in the buffer.</param>
    /// <param name="stageBytes">Buffer bytes that staging may take.</param>
    /// <returns>Null if none fits.</returns>
    public TileShape? Choose(Layer layer, IReadOnlySet<string> spilled, long stageBytes)
    {
        Shape output = OutputOf(layer);
        int channels = ChannelsOf(layer, output);
        long pixels = PixelLimit(layer, channels);
        TileShape? best = null;
        double bestCycles = double.MaxValue;
        foreach ((int images, int rows, int columns) in Cuts(output, pixels))
        {
            TileShape shape = new(images, rows, columns, channels);
            if (StageBytes(layer, shape, spilled) > stageBytes)
                continue;
            double cycles = Cycles(layer, output, shape);
            if (cycles < bestCycles)
                (best, bestCycles) = (shape, cycles);
        }

        return best;
    }

    /// <summary>The diagnostic for a layer that has no tile.</summary>
    public EbspException NothingFits(Layer layer, IReadOnlySet<string> spilled, long stageBytes)
    {
        Shape output = OutputOf(layer);
        TileShape row = new(1, 1, output.Width, ChannelsOf(layer, output));
        return DiagnosticDescriptors.NoTileFits.Error(null, layer.Name, string.Create(CultureInfo.InvariantCulture,
            $"no tile fits: one row of output needs {StageBytes(layer, row, spilled)} bytes of staging, {WeightBytes(layer) * 2} of weights, and the buffer leaves {Math.Max(stageBytes, 0)} for staging"));
    }

    /// <summary>Buffer bytes of one set of staged windows and results of a tile, doubled so that transfers overlap with work.</summary>
    public long StageBytes(Layer layer, TileShape shape, IReadOnlySet<string> spilled) => StageSizes(layer, shape, spilled).Sum() * 2;

    /// <summary>
    /// Sizes of the staged operands of a tile, in whole alignments: source, one added operand a write, one result a write; 0 where none is
    /// staged.
    /// </summary>
    public IReadOnlyList<long> StageSizes(Layer layer, TileShape shape, IReadOnlySet<string> spilled)
    {
        List<long> sizes = [];
        sizes.Add(spilled.Contains(layer.Source.Tensor) ? SourceBytes(layer, shape) : 0);
        foreach (VectorWrite write in layer.Writes)
            sizes.Add(write.Add is { } add && spilled.Contains(add.Tensor) ? TileBytes(add.IsRepeated ? shape with { Rows = 1, Columns = 1 } : shape, shape.Channels, graph.TypeOf(add.Tensor).Format!.Value) : 0);
        foreach (string stored in layer.Stores)
            sizes.Add(spilled.Contains(stored) ? TileBytes(shape, shape.Channels, graph.TypeOf(stored).Format!.Value) : 0);
        return [.. sizes.Select(MemoryPlan.Align)];
    }

    /// <summary>Bytes of the largest weight tile of a layer: biases and codes.</summary>
    public long WeightBytes(Layer layer)
    {
        if (layer is not ArrayLayer array)
            return 0;
        return WeightTileBytes(array.Conv, ChannelsOf(layer, OutputOf(layer)), Reduction(layer));
    }

    private static long WeightTileBytes(IntegerConv conv, int channels, long reduction)
    {
        int bits = CodeGen.WeightSection.CodeBits(conv.WeightFormat);
        return CodeGen.WeightSection.BiasBytes(channels) + (channels * ((reduction * bits + 7) / 8) + 7) / 8 * 8;
    }

    // Output channels of a tile: as many as the limit allows, evenly cut into whole units, so that every tile starts at a channel group of 8.
    private int ChannelsOf(Layer layer, Shape output)
    {
        (int limit, int unit) = layer switch
        {
            ArrayLayer { Conv: { Groups: 1 } conv } => (WeightLimited(conv, arch.FoldChannels, Reduction(layer)), 8),
            ArrayLayer array => GroupedLimit(array),
            SumPoolLayer => (Math.Max(8, (int)Math.Min(output.Channels, arch.PsumBankBytes / 32 * 8)), 8),
            _ => (output.Channels, 8),
        };
        int folds = (output.Channels + limit - 1) / limit;
        int even = (output.Channels + folds - 1) / folds;
        return Math.Min((even + unit - 1) / unit * unit, output.Channels);
    }

    // Whole groups, about 64 channels of them: a row of their partial sums stays small. Groups wider than a fold are cut evenly.
    private (int Limit, int Unit) GroupedLimit(ArrayLayer layer)
    {
        IntegerConv conv = layer.Conv;
        int outputs = conv.OutputChannels / conv.Groups, inputs = layer.Source.Channels / conv.Groups;
        if (outputs > arch.FoldChannels)
        {
            int part = arch.FoldChannels;
            while (part > 0 && (outputs % part != 0 || inputs % 8 != 0))
                part -= 8;
            return part > 0 ? (part, part) : throw DiagnosticDescriptors.NoMachineForm.Error(null, layer.Name, string.Create(CultureInfo.InvariantCulture,
                $"a group of {inputs} input and {outputs} output channels does not fit {arch.Columns} columns, and neither is cut at a multiple of 8"));
        }

        int aligned = 1;
        while (aligned < conv.Groups && (aligned * outputs % 8 != 0 || aligned * inputs % 8 != 0))
            aligned++;
        int unit = aligned * outputs;
        return (Math.Min(unit * Math.Max(1, 64 / unit), conv.OutputChannels), unit);
    }

    private int WeightLimited(IntegerConv conv, int channels, long reduction)
    {
        while (channels > 8 && WeightTileBytes(conv, channels, reduction) > arch.BufferBytes / 4)
            channels -= 8;
        return channels;
    }

    private long PixelLimit(Layer layer, int channels) => layer switch
    {
        ArrayLayer => Math.Min(arch.PsumBankBytes / ((channels + 7L) / 8 * 32), ProgramValidator.MaxProducts / (channels * Reduction(layer))),
        SumPoolLayer => arch.PsumBankBytes / ((channels + 7L) / 8 * 32),
        _ => long.MaxValue,
    };

    // Whole images, then whole rows, then parts of rows; from the fewest tiles on to sixteen times as many.
    private IEnumerable<(int Images, int Rows, int Columns)> Cuts(Shape output, long pixels)
    {
        long map = (long)output.Height * output.Width;
        if (pixels < 1)
            yield break;
        for (int images = (int)Math.Min(batch, pixels / map); images >= 1; images /= 2)
            yield return (Even(batch, images), output.Height, output.Width);
        int maxRows = (int)Math.Min(output.Height, pixels / output.Width);
        for (int tiles = maxRows > 0 ? (output.Height + maxRows - 1) / maxRows : int.MaxValue; tiles <= output.Height; tiles = Math.Max(tiles + 1, tiles * 5 / 4))
            yield return (1, (output.Height + tiles - 1) / tiles, output.Width);
        if (maxRows == 0)
            yield return (1, 1, Even(output.Width, (int)pixels));
    }

    private static int Even(int size, int limit) => (size + (size + limit - 1) / limit - 1) / ((size + limit - 1) / limit);

    private double Cycles(Layer layer, Shape output, TileShape shape)
    {
        long pixels = (long)shape.Images * shape.Rows * shape.Columns;
        double tiles = Math.Ceiling((double)batch / shape.Images) * Math.Ceiling((double)output.Height / shape.Rows)
            * Math.Ceiling((double)output.Width / shape.Columns) * Math.Ceiling((double)output.Channels / shape.Channels);
        double vector = Math.Ceiling((double)pixels * shape.Channels / arch.Columns) * Math.Max(layer.Writes.Length, 1) + arch.DramLatencyCycles;
        if (layer is not ArrayLayer array)
            return tiles * vector;
        long folds = (Reduction(layer) + arch.Rows - 1) / arch.Rows;
        double work = arch.Rows + arch.Columns - 1 + (double)folds * Math.Max(pixels, arch.Rows);
        bool small = pixels < arch.Rows || pixels * Reduction(layer) * shape.Channels < MinimumMacs;
        // The array and the vector unit overlap but for the last tile. Small tiles are a last resort.
        return (tiles * Math.Max(work, vector) + Math.Min(work, vector)) * (small && tiles > 1 ? 1000 : 1);
    }

    private static long Reduction(Layer layer) => layer is ArrayLayer { Conv: { } conv }
        ? (long)conv.Geometry.KernelRows * conv.Geometry.KernelColumns * (layer.Source.Channels / conv.Groups)
        : 1;

    private long SourceBytes(Layer layer, TileShape shape)
    {
        (long rows, long columns) = layer.Node.Op switch
        {
            IntegerConv conv => (Reach(conv.Geometry, shape.Rows, layer.Source.Rows, true), Reach(conv.Geometry, shape.Columns, layer.Source.Columns, false)),
            SumPool pool => (Reach(pool.Geometry, shape.Rows, layer.Source.Rows, true), Reach(pool.Geometry, shape.Columns, layer.Source.Columns, false)),
            MaxPool pool => (Reach(pool.Geometry, shape.Rows, layer.Source.Rows, true), Reach(pool.Geometry, shape.Columns, layer.Source.Columns, false)),
            _ => (shape.Rows, shape.Columns),
        };
        return shape.Images * rows * columns * TensorOperand.PixelBytes(layer.Source.Channels, graph.TypeOf(layer.Source.Tensor).Format!.Value);
    }

    private static long Reach(WindowGeometry geometry, int outputs, int size, bool rows) => Math.Min(size,
        rows ? (outputs - 1) * geometry.StrideY + geometry.SpanRows : (outputs - 1) * geometry.StrideX + geometry.SpanColumns);

    private static long TileBytes(TileShape shape, int channels, PatternFormat format) =>
        (long)shape.Images * shape.Rows * shape.Columns * TensorOperand.PixelBytes(channels, format);
}

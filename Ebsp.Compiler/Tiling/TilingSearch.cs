using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// Chooses the tile of a layer: the best cut among those whose sums fit a bank of partial sums, whose weights fit their share of the
/// buffer and whose staged windows fit theirs.
/// </summary>
/// <param name="graph">The integer graph.</param>
/// <param name="arch">The machine.</param>
/// <param name="batch">Images of a run.</param>
/// <param name="goal">What the best cut has the least of.</param>
public sealed class TilingSearch(Graph graph, ArchSpec arch, int batch, OptimizeFor goal = OptimizeFor.Cycles)
{
    // What a tile must save to be worth its instructions.
    private const double TilePrice = 32;

    // Counts of output channels up to this one are all tried, in steps of 8.
    private const int MostChannelsOneByOne = 192;

    // Two tiles of weights take at most a quarter of the buffer; longer reductions come in parts.
    private readonly long _weightTileBytes = arch.BufferBytes / 8;
    private readonly Dictionary<Layer, ImmutableArray<TileCandidate>> _resident = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Layer, int[]> _others = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Layer, LayerCost> _costs = new(ReferenceEqualityComparer.Instance);

    /// <summary>What the best cut has the least of.</summary>
    public OptimizeFor Goal => goal;

    /// <summary>What a layer costs.</summary>
    public LayerCost CostOf(Layer layer) => _costs.TryGetValue(layer, out LayerCost? cost)
        ? cost
        : _costs[layer] = new LayerCost(graph, arch, batch, layer);

    /// <summary>The tile of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="isSpilled">Whether a tensor lives in DRAM: its windows are staged in the buffer.</param>
    /// <param name="stageBytes">Buffer bytes that staging may take.</param>
    /// <returns>Null if none fits.</returns>
    public TileCandidate? Choose(Layer layer, Func<string, bool> isSpilled, long stageBytes) =>
        Candidates(layer, isSpilled, stageBytes).MinBy(Rank);

    /// <summary>The ways to cut a layer that fit, the coarser ones first: only where nothing fits, rows and channels are cut too.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="isSpilled">Whether a tensor lives in DRAM: its windows are staged in the buffer.</param>
    /// <param name="stageBytes">Buffer bytes that staging may take.</param>
    public ImmutableArray<TileCandidate> Candidates(Layer layer, Func<string, bool> isSpilled, long stageBytes)
    {
        LayerCost cost = CostOf(layer);
        ImmutableArray<TileCandidate>.Builder found = ImmutableArray.CreateBuilder<TileCandidate>();
        bool stages = layer.Reads.Concat(layer.Stores).Any(isSpilled);
        if (!stages && _resident.TryGetValue(layer, out ImmutableArray<TileCandidate> known))
            return known;
        foreach (int channels in ChannelsOf(layer, cost))
        {
            for (int inputs = InputsOf(layer, cost, channels); ; inputs = (inputs / 2 + 7) / 8 * 8)
            {
                ConsiderAll(channels, inputs);
                // Parts of a reduction are smaller windows too, where those are staged.
                if (found.Count > 0 || layer is not ArrayLayer { Conv.Groups: 1 } || inputs <= 8 || !isSpilled(layer.Source.Tensor))
                    break;
            }

            if (found.Count > 0)
                break;
        }

        // A depthwise layer that is staged is bound by transfers, and narrower windows are shorter runs in DRAM.
        foreach (int channels in stages && cost.IsDepthwise ? [] : OtherChannelsOf(layer, cost))
            ConsiderAll(channels, cost.GroupInputs);
        ImmutableArray<TileCandidate> all = found.ToImmutable();
        if (!stages)
            _resident[layer] = all;
        return all;

        void ConsiderAll(int channels, int inputs)
        {
            int width = cost.Output.Width, before = found.Count;
            long pixels = PixelLimit(layer, cost, channels, inputs);
            for (int strips = 1; found.Count == before && strips <= width;
                strips = strips < width ? Math.Min(2 * strips, width) : width + 1)
            {
                foreach ((int images, int rows) in Cuts(cost.Output.Height, (width + strips - 1) / strips, pixels))
                {
                    TileShape shape = new(images, rows, (width + strips - 1) / strips, channels, inputs);
                    Consider(shape);
                    if (channels < cost.Output.Channels && stages)
                        Consider(shape with { PixelsFirst = true });
                }
            }
        }

        void Consider(TileShape shape)
        {
            long bytes = cost.StageSizes(shape, isSpilled).Sum() * 2;
            if (bytes <= stageBytes)
            {
                found.Add(new TileCandidate(shape, cost.TilesOf(shape), cost.Cycles(shape, isSpilled), bytes, cost.IsSmall(shape),
                    cost.SideBySide(shape)));
            }
        }
    }

    /// <summary>What the search minimizes, in order: small tiles are a last resort.</summary>
    public (bool IsSmall, double Cost) Rank(TileCandidate candidate)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return (candidate.IsSmall, goal == OptimizeFor.Size ? candidate.Tiles : candidate.Cycles.Total + TilePrice * candidate.Tiles);
    }

    /// <summary>The diagnostic for a layer that has no tile.</summary>
    public EbspException NothingFits(Layer layer, Func<string, bool> isSpilled, long stageBytes)
    {
        LayerCost cost = CostOf(layer);
        int channels = ChannelsOf(layer, cost).Last();
        TileShape pixel = new(1, 1, 1, channels, Math.Min(InputsOf(layer, cost, channels), 8));
        return DiagnosticDescriptors.NoTileFits.Error(null, layer.Name, string.Create(CultureInfo.InvariantCulture,
            $"no tile fits: one pixel of output needs {cost.StageSizes(pixel, isSpilled).Sum() * 2} bytes of staging, " +
                $"{WeightBytes(layer) * 2} of weights, and the buffer leaves {Math.Max(stageBytes, 0)} for staging"));
    }

    /// <summary>Bytes of the largest weight tile of a layer, whatever its pixels: biases and codes.</summary>
    public long WeightBytes(Layer layer)
    {
        LayerCost cost = CostOf(layer);
        if (layer is not ArrayLayer)
            return 0;
        return ChannelsOf(layer, cost).Max(channels => cost.WeightTileBytes(channels, InputsOf(layer, cost, channels)));
    }

    /// <summary>Buffer bytes that a layer's weights want: all of them where a quarter of the buffer holds them, else two tiles.</summary>
    public long RingBytes(Layer layer)
    {
        LayerCost cost = CostOf(layer);
        if (layer is not ArrayLayer)
            return 0;
        long most = 2 * MemoryPlan.Align(WeightBytes(layer));
        foreach (int channels in OtherChannelsOf(layer, cost).Prepend(ChannelsOf(layer, cost).First()))
        {
            TileShape shape = new(1, 1, 1, channels, InputsOf(layer, cost, channels));
            most = Math.Max(most, cost.WeightsStay(shape) ? cost.WeightRingBytes(shape)
                : 2 * MemoryPlan.Align(cost.WeightTileBytes(channels, shape.Inputs)));
        }

        return most;
    }

    /// <summary>Most output channels that a tile of a layer has.</summary>
    public int TileChannels(Layer layer) => OtherChannelsOf(layer, CostOf(layer)).Append(ChannelsOf(layer, CostOf(layer)).First()).Max();

    // Other counts of output channels than that of the narrowest even cut. More than the columns hold at a time: fewer instructions fill
    // and drain the array; even cuts, and full folds with a rest, whose requantization is shorter. Fewer: more pixels find room in a bank
    // of partial sums, and so more steps for each set of weights. Weight tiles hardly grow by it, unless all of the layer stay.
    private int[] OtherChannelsOf(Layer layer, LayerCost cost)
    {
        if (arch.DepthwiseMapping != DepthwiseMapping.Unrolled || layer is not ArrayLayer array
            || (array.Conv.Groups > 1 && !cost.IsDepthwise))
            return [];
        if (_others.TryGetValue(layer, out int[]? known))
            return known;
        int outputs = cost.Output.Channels, inputs = cost.GroupInputs, first = ChannelsOf(layer, cost).First();
        (int fold, int unit) = array.Conv.Groups == 1 ? (arch.FoldChannels, 8) : GroupedLimit(array);
        long bytes = Math.Max(cost.WeightTileBytes(first, inputs), arch.BufferBytes / 32);
        SortedSet<int> others = [];
        int folds = (outputs + fold - 1) / fold;
        for (int n = 1; n < folds; n++)
        {
            Add(((outputs + n - 1) / n + unit - 1) / unit * unit);
            Add(fold * n);
        }

        for (int channels = unit; channels <= MostChannelsOneByOne; channels += unit)
            Add(channels);
        others.Remove(first);
        return _others[layer] = [.. others];

        void Add(int channels)
        {
            channels = Math.Min(channels, outputs);
            TileShape shape = new(1, 1, 1, channels, inputs);
            if (channels <= arch.BufferBytes / 256 && cost.WeightTileBytes(channels, inputs) <= _weightTileBytes
                && (cost.WeightsStay(shape) || cost.WeightTileBytes(channels, inputs) <= bytes))
                others.Add(channels);
        }
    }

    // Output channels of a tile: as many as the limit allows, evenly cut into whole units, so that every tile starts at a channel group of
    // 8. Maps may be cut further: nothing but their staging cares.
    private IEnumerable<int> ChannelsOf(Layer layer, LayerCost cost)
    {
        int outputs = cost.Output.Channels;
        (int limit, int unit) = layer switch
        {
            ArrayLayer { Conv.Groups: 1 } => (arch.FoldChannels, 8),
            ArrayLayer array => GroupedLimit(array),
            // A local response reads its neighbors: a tile has all channels.
            MapLayer { Node.Op: ResponseNorm } => (outputs, outputs),
            SumPoolLayer => (Math.Max(8, (int)Math.Min(outputs, arch.PsumBankBytes / 32 * 8)), 8),
            _ => (outputs, 8),
        };
        int last = 0;
        for (; ; limit = Math.Max(limit / 2, unit))
        {
            int folds = (outputs + limit - 1) / limit;
            int even = (outputs + folds - 1) / folds;
            int channels = Math.Min((even + unit - 1) / unit * unit, outputs);
            if (channels != last)
                yield return channels;
            last = channels;
            if (limit <= unit)
                yield break;
        }
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
            return part > 0 ? (part, part)
                : throw DiagnosticDescriptors.NoMachineForm.Error(null, layer.Name, string.Create(CultureInfo.InvariantCulture,
                $"a group of {inputs} input and {outputs} output channels does not fit {arch.Columns} columns, and neither is cut at a " +
                    $"multiple of 8"));
        }

        int aligned = 1;
        while (aligned < conv.Groups && (aligned * outputs % 8 != 0 || aligned * inputs % 8 != 0))
            aligned++;
        int unit = aligned * outputs;
        return (Math.Min(unit * Math.Max(1, 64 / unit), conv.OutputChannels), unit);
    }

    // Input channels of one instruction: all of them, or as few equal parts as their weights need, in whole passes over the array where
    // that is near. Groups are not cut.
    private int InputsOf(Layer layer, LayerCost cost, int channels)
    {
        int inputs = cost.GroupInputs;
        if (layer is not ArrayLayer { Conv.Groups: 1 } || cost.WeightTileBytes(channels, inputs) <= _weightTileBytes)
            return layer is ArrayLayer ? inputs : 0;
        int parts = 2;
        while (inputs > 8 * (parts - 1) && cost.WeightTileBytes(channels, Part(parts)) > _weightTileBytes)
            parts++;
        return Math.Min(Part(parts), inputs);

        int Part(int count) => ((inputs + count - 1) / count + 7) / 8 * 8;
    }

    private long PixelLimit(Layer layer, LayerCost cost, int channels, int inputs) => layer switch
    {
        ArrayLayer => Math.Min(arch.PsumBankBytes / ((channels + 7L) / 8 * 32),
            ProgramValidator.MaxProducts / (channels * cost.Taps * inputs)),
        SumPoolLayer => arch.PsumBankBytes / ((channels + 7L) / 8 * 32),
        _ => long.MaxValue,
    };

    // Whole images, or any number of rows of one.
    private IEnumerable<(int Images, int Rows)> Cuts(int height, int columns, long pixels)
    {
        long map = (long)height * columns;
        for (int images = (int)Math.Min(batch, pixels / map); images >= 1; images /= 2)
            yield return (Even(batch, images), height);
        for (int rows = (int)Math.Min(height - 1, pixels / columns); rows >= 1; rows = Math.Min(rows - 1, rows * 31 / 32))
            yield return (1, rows);
    }

    private static int Even(int size, int limit) => (size + (size + limit - 1) / limit - 1) / ((size + limit - 1) / limit);
}

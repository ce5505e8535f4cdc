using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Machines;

/// <summary>How a layer is cut for a weight-stationary array, as the compiler cuts it: output channels into even parts, pixels into tiles
/// that a bank of partial sums holds, and on a machine that unrolls the output pixels side by side that take the fewest cycles.</summary>
/// <param name="Cycles">Cycles of the array.</param>
/// <param name="ChannelTiles">Tiles of the output channels.</param>
/// <param name="ReductionFolds">Folds of the reduction.</param>
/// <param name="PixelTiles">Tiles of all pixels.</param>
/// <param name="LastTileElements">Elements of the last tile.</param>
/// <param name="Activations">Activations that enter the array's rows.</param>
/// <param name="Copies">Output pixels side by side: so often a weight is unpacked.</param>
internal readonly record struct ArrayPlan(double Cycles, long ChannelTiles, long ReductionFolds, long PixelTiles, double LastTileElements,
    double Activations, long Copies)
{
    private const int SumBytes = 4, GroupOfChannels = 8;

    // Whole groups of a grouped layer that share a tile have about so many output channels together.
    private const int TogetherChannels = 64;

    // Counts of output channels up to this one are all tried, as the compiler does.
    private const int MostChannelsOneByOne = 192;

    // More tiles than needed are tried: the last tile of a map may be smaller than the array likes.
    private const int TilesTried = 6;

    private readonly record struct Pixels(long Images, long Rows, long Columns)
    {
        public long Count => Rows * Columns * Images;
    }

    private readonly record struct Mapping(double Cycles, long Rows, long Columns, long ReductionFolds, double Activations);

    /// <summary>The tiles with the fewest cycles, the requantization of the last one among them.</summary>
    /// <param name="layer">A layer with weights.</param>
    /// <param name="arch">The machine.</param>
    public static ArrayPlan Of(LayerShape layer, ArchSpec arch)
    {
        long narrow = ChannelsOf(layer, arch);
        ArrayPlan best = Of(layer, arch, narrow);
        if (arch.DepthwiseMapping != DepthwiseMapping.Unrolled || (layer.Groups > 1 && !layer.IsDepthwise))
            return best;
        for (long parts = Whole.Ceil(layer.K, narrow) - 1; parts >= 1; parts--)
            Try(Even(layer.K, Whole.Ceil(layer.K, parts), GroupOfChannels));
        for (long channels = GroupOfChannels; channels <= Math.Min(layer.K, MostChannelsOneByOne); channels += GroupOfChannels)
            Try(channels);
        return best;

        void Try(long channels)
        {
            ArrayPlan other = Of(layer, arch, channels);
            if (other.PixelTiles > 0 && WithTail(other) < WithTail(best))
                best = other;
        }

        double WithTail(ArrayPlan plan) => plan.Cycles + plan.LastTileElements / arch.Columns;
    }

    private static ArrayPlan Of(LayerShape layer, ArchSpec arch, long channels)
    {
        long full = layer.K / channels, restChannels = layer.K % channels;
        long most = Math.Max(1, arch.PsumBankBytes / (SumBytes * Whole.Ceil(channels, GroupOfChannels) * GroupOfChannels));
        Dictionary<(Pixels, long), Mapping> known = [];
        ArrayPlan best = new(double.MaxValue, 0, 0, 0, 0, 0, 1);
        foreach ((Pixels size, long count, Pixels left, long rests) in Cuts(layer.N, layer.P, layer.Q, most))
        {
            double cycles = 0, activations = 0;
            Add(full, channels);
            Add(restChannels == 0 ? 0 : 1, restChannels);
            Mapping chosen = Best(size, channels);
            if (cycles < best.Cycles)
                best = new ArrayPlan(cycles, full + (restChannels == 0 ? 0 : 1), chosen.ReductionFolds, count + rests,
                    (double)(rests > 0 ? left : size).Count * (restChannels == 0 ? channels : restChannels), activations,
                    chosen.Rows * chosen.Columns);

            void Add(long times, long tile)
            {
                if (times == 0)
                    return;
                Mapping whole = Best(size, tile), rest = rests == 0 ? default : Best(left, tile);
                cycles += times * (count * (whole.Cycles + ArrayCycles.FillAndDrain(arch))
                    + rests * (rest.Cycles + ArrayCycles.FillAndDrain(arch)));
                activations += times * (count * whole.Activations + rests * rest.Activations);
            }
        }

        return best;

        Mapping Best(Pixels tile, long ofTile)
        {
            if (!known.TryGetValue((tile, ofTile), out Mapping mapping))
                known[(tile, ofTile)] = mapping = MappingOf(layer, arch, tile, ofTile);
            return mapping;
        }
    }

    // The block of pixels side by side with the fewest cycles: one pixel, if others are no faster.
    private static Mapping MappingOf(LayerShape layer, ArchSpec arch, Pixels tile, long channels)
    {
        long of = layer.K / layer.Groups, inputs = layer.C / layer.Groups, groups = Math.Max(1, channels / of);
        long columns = arch.DepthwiseMapping == DepthwiseMapping.Unrolled ? arch.Columns / (layer.IsDepthwise ? of : 1) : 1;
        Mapping best = new(double.MaxValue, 1, 1, 1, 0);
        for (long u = 1; u <= Math.Max(1, Math.Min(tile.Rows, columns)); u++)
        {
            for (long v = 1; v <= Math.Max(1, Math.Min(tile.Columns, columns / u)); v++)
            {
                long patch = Patch(u, layer.R) * Patch(v, layer.S);
                long steps = ArrayCycles.Steps(tile.Images, tile.Rows, tile.Columns, u, v);
                long reduction = ArrayCycles.ReductionFolds(arch, layer.IsDepthwise ? patch : patch * inputs);
                long sets = layer.IsDepthwise ? 1 : ArrayCycles.ChannelFolds(arch, channels / groups, u * v);
                long folds = layer.IsDepthwise ? ArrayCycles.DepthwiseFolds(arch, patch, channels, of, u * v) : groups * sets * reduction;
                double cycles = folds * (double)ArrayCycles.Fold(arch, steps);
                if (cycles < best.Cycles)
                    best = new Mapping(cycles, u, v, reduction, (double)groups * sets * steps * patch * inputs);
            }
        }

        return best;

        long Patch(long pixels, int taps) => KernelAxis.Patch((int)pixels, taps, layer.Window.StrideY, layer.Window.DilationY);
    }

    // Output channels of a tile: even folds; groups wider than a fold in equal parts, narrower ones several together.
    private static long ChannelsOf(LayerShape layer, ArchSpec arch)
    {
        long fold = Math.Max(GroupOfChannels, arch.FoldChannels), of = layer.K / layer.Groups;
        if (layer.Groups == 1)
            return Even(layer.K, fold, GroupOfChannels);
        if (of > fold)
        {
            long part = fold;
            while (part > GroupOfChannels && of % part != 0)
                part -= GroupOfChannels;
            return part;
        }

        long aligned = 1;
        while (aligned < layer.Groups && (aligned * of % GroupOfChannels != 0 || aligned * (layer.C / layer.Groups) % GroupOfChannels != 0))
            aligned++;
        long unit = aligned * of;
        return Even(layer.K, Math.Min(unit * Math.Max(1, TogetherChannels / unit), layer.K), unit);
    }

    private static long Even(long outputs, long limit, long unit) =>
        Math.Min(Whole.Ceil(Whole.Ceil(outputs, Whole.Ceil(outputs, limit)), unit) * unit, outputs);

    // Pixels of a tile, how many such tiles, pixels that are left and how often: whole images if a map fits, else rows of one image, else
    // parts of a row.
    private static IEnumerable<(Pixels Size, long Count, Pixels Left, long Rests)> Cuts(int images, int p, int q, long most)
    {
        long map = (long)p * q;
        if (map <= most)
        {
            long together = Math.Min(images, most / map);
            long left = images % together;
            yield return (new Pixels(together, p, q), images / together, new Pixels(left, p, q), left == 0 ? 0 : 1);
        }
        else if (q <= most)
        {
            long fewest = Whole.Ceil(p, Math.Min(p, most / q));
            for (long parts = fewest; parts < fewest + TilesTried && parts <= p; parts++)
            {
                long rows = Whole.Ceil(p, parts);
                yield return (new Pixels(1, rows, q), images * (p / rows), new Pixels(1, p % rows, q), p % rows == 0 ? 0 : images);
            }
        }
        else
        {
            long columns = Whole.Ceil(q, Whole.Ceil(q, most));
            yield return (new Pixels(1, 1, columns), (long)images * p * Whole.Ceil(q, columns), default, 0);
        }
    }
}

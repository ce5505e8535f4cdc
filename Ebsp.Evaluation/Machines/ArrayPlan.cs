using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Machines;

/// <summary>How a layer is cut for a weight-stationary array, as the compiler cuts it: output channels into even folds of the columns,
/// pixels
/// into tiles that a bank of partial sums holds.</summary>
/// <param name="Cycles">Cycles of the array.</param>
/// <param name="ChannelTiles">Tiles of the output channels.</param>
/// <param name="ReductionFolds">Folds of the reduction.</param>
/// <param name="PixelTiles">Tiles of all pixels.</param>
/// <param name="LastTileElements">Elements of the last tile.</param>
internal readonly record struct ArrayPlan(double Cycles, long ChannelTiles, long ReductionFolds, long PixelTiles, double LastTileElements)
{
    private const int SumBytes = 4, GroupOfChannels = 8;

    // Whole groups of a grouped layer that share a tile have about so many output channels together.
    private const int TogetherChannels = 64;

    // More tiles than needed are tried: the last tile of a map may be smaller than the array likes.
    private const int TilesTried = 6;

    /// <summary>The tiles with the fewest cycles.</summary>
    /// <param name="layer">A layer with weights.</param>
    /// <param name="arch">The machine.</param>
    public static ArrayPlan Of(LayerShape layer, ArchSpec arch)
    {
        long taps = (long)layer.R * layer.S, channels = ChannelsOf(layer, arch), outputs = layer.K, of = layer.K / layer.Groups;
        long folds = ArrayCycles.ReductionFolds(arch, layer.IsDepthwise ? taps : taps * (layer.C / layer.Groups));
        long full = outputs / channels, restChannels = outputs % channels;
        long fullPasses = Passes(channels), restPasses = restChannels == 0 ? 0 : Passes(restChannels);
        long most = Math.Max(1, arch.PsumBankBytes / (SumBytes * Whole.Ceil(channels, GroupOfChannels) * GroupOfChannels));
        long map = (long)layer.P * layer.Q;
        (double cycles, long tiles, long lastPixels) = (double.MaxValue, 0, 0);
        foreach ((long size, long count, long left) in Cuts(layer.N, layer.P, layer.Q, most))
        {
            long rests = left == 0 ? 0 : size < map ? layer.N : 1;
            double sum = full * Tiles(fullPasses) + (restChannels == 0 ? 0 : Tiles(restPasses));
            if (sum < cycles)
                (cycles, tiles, lastPixels) = (sum, count + rests, left > 0 ? left : size);
            double Tiles(long passes) => count * (double)ArrayCycles.Of(arch, passes, size)
                + (rests == 0 ? 0 : rests * (double)ArrayCycles.Of(arch, passes, left));
        }

        return new ArrayPlan(cycles, full + (restChannels == 0 ? 0 : 1), folds, tiles,
            (double)lastPixels * (restChannels == 0 ? channels : restChannels));

        long Passes(long tile) => layer.IsDepthwise ? ArrayCycles.DepthwiseFolds(arch, taps, tile, Math.Max(1, layer.K / layer.C))
            : Math.Max(1, tile / of) * folds;
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

    // Pixels of a tile, whole tiles, pixels that are left: whole images if a map fits, else rows of one image, else parts of a row.
    private static IEnumerable<(long Size, long Count, long Left)> Cuts(int images, int p, int q, long most)
    {
        long map = (long)p * q;
        if (map <= most)
        {
            long together = Math.Min(images, most / map);
            yield return (together * map, images / together, images % together * map);
        }
        else if (q <= most)
        {
            long fewest = Whole.Ceil(p, Math.Min(p, most / q));
            for (long parts = fewest; parts < fewest + TilesTried && parts <= p; parts++)
            {
                long rows = Whole.Ceil(p, parts);
                yield return (rows * q, images * (p / rows), p % rows * q);
            }
        }
        else
        {
            long columns = Whole.Ceil(q, Whole.Ceil(q, most));
            yield return (columns, (long)images * p * Whole.Ceil(q, columns), 0);
        }
    }
}

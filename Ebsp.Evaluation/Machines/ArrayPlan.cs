using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Machines;

/// <summary>How a layer is cut for a weight-stationary array: output channels into folds of the columns, pixels into tiles that a bank of partial
/// sums holds.</summary>
/// <param name="Cycles">Cycles of the array.</param>
/// <param name="ChannelFolds">Folds of the output channels of a group.</param>
/// <param name="ReductionFolds">Folds of the reduction.</param>
/// <param name="PixelTiles">Tiles of all pixels.</param>
/// <param name="LastTileElements">Elements of the last tile.</param>
internal readonly record struct ArrayPlan(double Cycles, long ChannelFolds, long ReductionFolds, long PixelTiles, double LastTileElements)
{
    private const int SumBytes = 4;

    /// <summary>The tiles with the fewest cycles.</summary>
    public static ArrayPlan Of(LayerShape layer, ArchSpec arch, int tilesTried)
    {
        long taps = (long)layer.R * layer.S, outputs = layer.IsDepthwise ? layer.K : layer.K / layer.Groups, groups = layer.IsDepthwise ? 1 : layer.Groups;
        int fold = Math.Max(8, arch.FoldChannels), multiplier = layer.IsDepthwise ? layer.K / layer.C : 1;
        long channelFolds = Whole.Ceil(outputs, fold), perTile = Math.Min(outputs, fold);
        long reduction = ArrayCycles.ReductionFolds(arch, layer.IsDepthwise ? taps : taps * (layer.C / layer.Groups));
        long PassesOf(long channels) => layer.IsDepthwise ? ArrayCycles.DepthwiseFolds(arch, taps, channels, multiplier) : reduction;

        long most = Math.Max(1, arch.PsumBankBytes / (SumBytes * Whole.Ceil(perTile, 8) * 8));
        (double cycles, long tiles, long lastPixels) = (double.MaxValue, 0, 0);
        int p = layer.P, q = layer.Q;
        long map = (long)p * q;
        foreach ((long size, long count, long rest) in Cuts(layer.N, p, q, most, tilesTried))
        {
            double sum = 0;
            foreach ((long folds, long channels) in new[] { (outputs / fold, (long)fold), (outputs % fold == 0 ? 0L : 1L, outputs % fold) })
            {
                if (folds > 0)
                {
                    sum += folds * (count * ArrayCycles.Of(arch, PassesOf(channels), size)
                        + (rest > 0 ? ArrayCycles.Of(arch, PassesOf(channels), rest) * RestsOf(layer.N, map, size) : 0));
                }
            }

            if (sum * groups < cycles)
                (cycles, tiles, lastPixels) = (sum * groups, count + (rest > 0 ? RestsOf(layer.N, map, size) : 0), rest > 0 ? rest : size);
        }

        long lastChannels = outputs % fold == 0 ? perTile : outputs % fold;
        return new ArrayPlan(cycles, channelFolds, reduction, tiles, (double)lastPixels * lastChannels);
    }

    // A tile smaller than a map leaves a rest in every image; whole maps leave one.
    private static long RestsOf(int images, long map, long size) => size < map ? images : 1;

    // Pixels of a tile, whole tiles, pixels of the rest: whole images if a map fits, else rows of one image, else parts of a row.
    private static IEnumerable<(long Size, long Count, long Left)> Cuts(int images, int p, int q, long most, int tried)
    {
        long map = (long)p * q;
        if (map <= most)
        {
            long together = Math.Min(images, most / map);
            yield return (together * map, images / together, images % together * map);
        }

        if (q <= most)
        {
            long fewest = Whole.Ceil(p, Math.Min(p, most / q));
            for (long parts = fewest; parts < fewest + tried && parts <= p; parts++)
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

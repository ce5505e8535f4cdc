using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Compiler.Tiling;

/// <summary>The blocks of output pixels that a convolution may put side by side on a machine, and the folds that each takes.</summary>
/// <param name="arch">The machine.</param>
/// <param name="layer">The convolution.</param>
/// <param name="most">Most rows and columns of a block that the output has; columns are images of a fully connected layer.</param>
internal sealed class PixelBlocks(ArchSpec arch, ArrayLayer layer, PixelBlock most)
{
    private readonly Dictionary<(int Channels, int Inputs), (PixelBlock Block, long Folds)[]> _known = [];

    private readonly int _outputs = layer.Conv.OutputChannels / layer.Conv.Groups, _inputs = layer.Source.Channels / layer.Conv.Groups;

    /// <summary>Whether each input channel is an output channel's only one.</summary>
    public bool IsDepthwise { get; } = layer.Conv.Groups > 1 && layer.Conv.Groups == layer.Source.Channels;

    /// <summary>Whether the compiler takes MATMUL: the pixels are images.</summary>
    public bool IsMatMul { get; } = layer.Source is { Rows: 1, Columns: 1 } && layer.Conv.Groups == 1
        && layer.Conv.Geometry is { KernelRows: 1, KernelColumns: 1, IsPadded: false };

    /// <summary>The block with the fewest cycles for a tile: one pixel, if others are no faster; else of several the one with the fewest
    /// folds.</summary>
    public (PixelBlock Block, long Folds, long Steps) Best(TileShape tile)
    {
        (PixelBlock Block, long Folds, long Steps) best = default;
        long fewest = long.MaxValue;
        foreach ((PixelBlock block, long folds) in Of(tile.Channels, tile.Inputs))
        {
            if (folds * arch.Rows >= fewest)
                continue;
            long steps = block.StepsOf(tile, IsMatMul), cycles = folds * ArrayCycles.Fold(arch, steps);
            if (cycles < fewest)
                (best, fewest) = ((block, folds, steps), cycles);
        }

        return best;
    }

    /// <summary>Positions of the input that the windows of a block have together.</summary>
    public long Patch(PixelBlock block)
    {
        KernelWindow g = layer.Conv.Geometry;
        return IsMatMul
            ? block.Pixels
            : (long)KernelAxis.Patch(block.Rows, g.KernelRows, g.StrideY, g.DilationY)
                * KernelAxis.Patch(block.Columns, g.KernelColumns, g.StrideX, g.DilationX);
    }

    /// <summary>Folds of the reduction, all parts of it.</summary>
    public long ReductionFolds(PixelBlock block, int inputs)
    {
        long patch = Patch(block);
        return IsDepthwise
            ? ArrayCycles.ReductionFolds(arch, patch)
            : _inputs / inputs * ArrayCycles.ReductionFolds(arch, patch * inputs)
                + ArrayCycles.ReductionFolds(arch, patch * (_inputs % inputs));
    }

    /// <summary>Output channels of a group, or of the groups of a depthwise layer, that stand in the columns at the same time.</summary>
    public long ChannelsTogether(PixelBlock block) => IsDepthwise
        ? ArrayCycles.DepthwiseChannels(arch, Patch(block), (long)_outputs * block.Pixels) * _outputs
        : Math.Min(Math.Max(1, arch.Columns / block.Pixels), _outputs);

    // One pixel, then blocks that no larger one matches in folds, those with the fewest folds first.
    private (PixelBlock Block, long Folds)[] Of(int channels, int inputs)
    {
        if (_known.TryGetValue((channels, inputs), out (PixelBlock, long)[]? known))
            return known;
        int limit = arch.DepthwiseMapping == DepthwiseMapping.Unrolled ? arch.Columns / (IsDepthwise ? _outputs : 1) : 1;
        int rows = Math.Min(most.Rows, limit);
        long[] fewest = new long[Math.Min(most.Columns, Math.Max(limit, 1)) + 2];
        Array.Fill(fewest, long.MaxValue);
        List<(PixelBlock Block, long Folds)> blocks = new(fewest.Length);
        for (int u = Math.Max(rows, 1); u >= 1; u--)
        {
            for (int v = fewest.Length - 2; v >= 1; v--)
            {
                fewest[v] = Math.Min(fewest[v], fewest[v + 1]);
                if ((u > 1 || v > 1) && u * v > limit)
                    continue;
                PixelBlock block = new(u, v);
                long folds = FoldsOf(block, channels, inputs);
                if (folds >= fewest[v])
                    continue;
                fewest[v] = folds;
                blocks.Add((block, folds));
            }
        }

        return _known[(channels, inputs)] =
            [(PixelBlock.One, FoldsOf(PixelBlock.One, channels, inputs)), .. blocks.OrderBy(each => each.Folds)];
    }

    private long FoldsOf(PixelBlock block, int channels, int inputs)
    {
        if (IsDepthwise)
            return ArrayCycles.DepthwiseFolds(arch, Patch(block), channels, _outputs, block.Pixels);
        long groups = Math.Max(1, channels / _outputs);
        return groups * ArrayCycles.ChannelFolds(arch, channels / groups, block.Pixels) * ReductionFolds(block, inputs);
    }
}

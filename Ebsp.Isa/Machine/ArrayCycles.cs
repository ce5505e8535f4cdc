namespace Ebsp.Isa.Machine;

/// <summary>
/// Cycles of a tile on the PE array (docs/timing.md): the array fills with the first weights, every fold takes as long as its steps or
/// as the load of the next fold's weights, and the array drains. A step is one output pixel, or several that stand side by side in the
/// array. The timing model and the search for tiles use the same formulas.
/// </summary>
public static class ArrayCycles
{
    /// <summary>Cycles of an array instruction: rows + folds * max(steps, rows) + columns - 1.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="folds">Sets of weights that all pixels go by.</param>
    /// <param name="steps">Steps of the tile: its output pixels, if none stand side by side.</param>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long Of(ArchSpec arch, long folds, long steps) => checked(FillAndDrain(arch) + folds * Fold(arch, steps));

    /// <summary>Cycles to fill the array with the first weights and to drain it, once an instruction.</summary>
    public static long FillAndDrain(ArchSpec arch) => arch.Rows + arch.Columns - 1L;

    /// <summary>Cycles of one fold: its steps, or the load of the next weights, a row a cycle.</summary>
    public static long Fold(ArchSpec arch, long steps) => Math.Max(steps, arch.Rows);

    /// <summary>Cycles of a unit beside the array, which takes as many elements a cycle as the array has columns.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="elements">Elements of the tile.</param>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long Beside(ArchSpec arch, long elements) => checked(elements + arch.Columns - 1) / arch.Columns;

    /// <summary>Folds of a reduction along the rows, for one group.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="reduction">Products of one output element; with several pixels side by side the elements of all their windows.</param>
    public static long ReductionFolds(ArchSpec arch, long reduction) => (reduction + arch.Rows - 1) / arch.Rows;

    /// <summary>Steps in which the output pixels of a tile go by: blocks of pixels that stand side by side in the array.</summary>
    /// <param name="images">Images of the tile.</param>
    /// <param name="rows">Output rows.</param>
    /// <param name="columns">Output columns.</param>
    /// <param name="unrollRows">Output rows side by side.</param>
    /// <param name="unrollColumns">Output columns side by side.</param>
    public static long Steps(long images, long rows, long columns, long unrollRows, long unrollColumns) =>
        images * ((rows + unrollRows - 1) / unrollRows) * ((columns + unrollColumns - 1) / unrollColumns);

    /// <summary>Sets of output channels that follow one another in the columns, for one group.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="channels">Output channels of a group.</param>
    /// <param name="unrolled">Output pixels side by side: columns of a channel.</param>
    public static long ChannelFolds(ArchSpec arch, long channels, long unrolled)
    {
        long together = Math.Max(1, arch.Columns / unrolled);
        return (channels + together - 1) / together;
    }

    /// <summary>Input channels of a depthwise layer that share the array in one fold.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="patch">Positions of a channel that the windows of the pixels side by side have together; R * S for one pixel.</param>
    /// <param name="columns">Columns of an input channel: its output channels, times the pixels side by side.</param>
    public static long DepthwiseChannels(ArchSpec arch, long patch, long columns) =>
        arch.DepthwiseMapping == DepthwiseMapping.OneChannel
            ? 1
            : Math.Max(1, Math.Min(arch.Rows / patch, arch.Columns / columns));

    /// <summary>Folds of a depthwise tile.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="patch">As for <see cref="DepthwiseChannels"/>.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="multiplier">Output channels that an input channel makes.</param>
    /// <param name="unrolled">Output pixels side by side.</param>
    public static long DepthwiseFolds(ArchSpec arch, long patch, long channels, long multiplier, long unrolled)
    {
        long together = DepthwiseChannels(arch, patch, multiplier * unrolled);
        long inputs = (channels + multiplier - 1) / multiplier;
        return (inputs + together - 1) / together * ReductionFolds(arch, patch);
    }
}

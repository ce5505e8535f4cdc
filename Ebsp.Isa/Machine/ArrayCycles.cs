namespace Ebsp.Isa.Machine;

/// <summary>
/// Cycles of a tile on the PE array (docs/timing.md): the array fills with the first weights, every fold takes as long as its pixels or
/// as the load of the next fold's weights, and the array drains. The timing model and the search for tiles use the same formulas.
/// </summary>
public static class ArrayCycles
{
    /// <summary>Cycles of an array instruction: rows + folds * max(pixels, rows) + columns - 1.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="folds">Sets of weights that all pixels go by.</param>
    /// <param name="pixels">Output pixels of the tile.</param>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long Of(ArchSpec arch, long folds, long pixels) => checked(FillAndDrain(arch) + folds * Fold(arch, pixels));

    /// <summary>Cycles to fill the array with the first weights and to drain it, once an instruction.</summary>
    public static long FillAndDrain(ArchSpec arch) => arch.Rows + arch.Columns - 1L;

    /// <summary>Cycles of one fold: its pixels, or the load of the next weights, a row a cycle.</summary>
    public static long Fold(ArchSpec arch, long pixels) => Math.Max(pixels, arch.Rows);

    /// <summary>Cycles of a unit beside the array, which takes as many elements a cycle as the array has columns.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="elements">Elements of the tile.</param>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long Beside(ArchSpec arch, long elements) => checked(elements + arch.Columns - 1) / arch.Columns;

    /// <summary>Folds of a reduction along the rows, for one group.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="reduction">Products of one output element.</param>
    public static long ReductionFolds(ArchSpec arch, long reduction) => (reduction + arch.Rows - 1) / arch.Rows;

    /// <summary>Input channels of a depthwise layer that share the array in one fold.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="taps">R * S.</param>
    /// <param name="multiplier">Output channels that an input channel makes.</param>
    public static long DepthwiseChannels(ArchSpec arch, long taps, long multiplier) =>
        arch.DepthwiseMapping == DepthwiseMapping.OneChannel
            ? 1
            : Math.Max(1, Math.Min(arch.Rows / taps, arch.Columns / multiplier));

    /// <summary>Folds of a depthwise tile.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="taps">R * S.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="multiplier">Output channels that an input channel makes.</param>
    public static long DepthwiseFolds(ArchSpec arch, long taps, long channels, long multiplier)
    {
        long together = DepthwiseChannels(arch, taps, multiplier);
        long inputs = (channels + multiplier - 1) / multiplier;
        return (inputs + together - 1) / together * ReductionFolds(arch, taps);
    }
}

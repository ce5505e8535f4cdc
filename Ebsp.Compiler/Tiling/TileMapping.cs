namespace Ebsp.Compiler.Tiling;

/// <summary>How a tile lies on the array: docs/timing.md has the formulas.</summary>
/// <param name="Block">Output pixels side by side.</param>
/// <param name="Patch">Positions of the input that their windows have together.</param>
/// <param name="Channels">Output channels that stand in the columns at the same time, each with a column a pixel of the block.</param>
/// <param name="ReductionFolds">Folds along the rows.</param>
/// <param name="Folds">Folds of the tile: sets of weights that all steps go by.</param>
/// <param name="Steps">Steps in which the tile's pixels go by.</param>
public readonly record struct TileMapping(PixelBlock Block, long Patch, long Channels, long ReductionFolds, long Folds, long Steps);

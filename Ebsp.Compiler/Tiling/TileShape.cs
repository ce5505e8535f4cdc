namespace Ebsp.Compiler.Tiling;

/// <summary>How the output of a layer is cut: every tile but the last of a direction has these extents.</summary>
/// <param name="Images">Images N of a tile.</param>
/// <param name="Rows">Output rows of a tile.</param>
/// <param name="Columns">Output columns of a tile.</param>
/// <param name="Channels">Output channels of a tile, a multiple of 8 or all of them.</param>
public readonly record struct TileShape(int Images, int Rows, int Columns, int Channels);

/// <summary>One tile of a layer's output.</summary>
/// <param name="Image">First image.</param>
/// <param name="Row">First output row.</param>
/// <param name="Column">First output column.</param>
/// <param name="Channel">First output channel.</param>
/// <param name="Extent">Its extents.</param>
public readonly record struct Tile(int Image, int Row, int Column, int Channel, TileShape Extent);

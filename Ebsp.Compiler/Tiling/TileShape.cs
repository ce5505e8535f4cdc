namespace Ebsp.Compiler.Tiling;

/// <summary>How the output of a layer is cut: every tile but the last of a direction has these extents.</summary>
/// <param name="Images">Images N of a tile.</param>
/// <param name="Rows">Output rows of a tile.</param>
/// <param name="Columns">Output columns of a tile.</param>
/// <param name="Channels">Output channels of a tile, a multiple of 8 or all of them.</param>
/// <param name="Inputs">Input channels of one array instruction, a multiple of 8 or all of them: where there are more, several instructions
/// accumulate into the tile. 0 for layers without an array.</param>
/// <param name="PixelsFirst">Whether all channels of some pixels come before the next pixels. Staged operands then have all their channels,
/// so each is moved once and in long runs; weights that do not stay in the buffer are loaded again.</param>
public readonly record struct TileShape(int Images, int Rows, int Columns, int Channels, int Inputs = 0, bool PixelsFirst = false)
{
    /// <summary>Output pixels.</summary>
    public long Pixels => (long)Images * Rows * Columns;
}

/// <summary>One tile of a layer's output.</summary>
/// <param name="Image">First image.</param>
/// <param name="Row">First output row.</param>
/// <param name="Column">First output column.</param>
/// <param name="Channel">First output channel.</param>
/// <param name="Extent">Its extents.</param>
public readonly record struct Tile(int Image, int Row, int Column, int Channel, TileShape Extent);

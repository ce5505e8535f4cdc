using Ebsp.Isa.Machine;

namespace Ebsp.Compiler.Tiling;

/// <summary>Neighboring output pixels that stand side by side in the array: fields unrolly and unrollx.</summary>
/// <param name="Rows">Output rows.</param>
/// <param name="Columns">Output columns; images of a fully connected layer.</param>
public readonly record struct PixelBlock(int Rows, int Columns)
{
    /// <summary>One pixel at a time.</summary>
    public static PixelBlock One { get; } = new(1, 1);

    /// <summary>Pixels of the block: columns of the array for each output channel.</summary>
    public int Pixels => Rows * Columns;

    /// <summary>Steps in which the pixels of a tile go by.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="areImages">Whether its pixels are images: those of a fully connected layer.</param>
    public long StepsOf(TileShape tile, bool areImages) => areImages
        ? ArrayCycles.Steps(1, 1, tile.Images, 1, Columns)
        : ArrayCycles.Steps(tile.Images, tile.Rows, tile.Columns, Rows, Columns);
}

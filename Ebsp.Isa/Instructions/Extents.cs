namespace Ebsp.Isa.Instructions;

/// <summary>Extents of a tile.</summary>
/// <param name="Images">Images N, at least 1.</param>
/// <param name="Rows">Rows H, at least 1.</param>
/// <param name="Columns">Columns W, at least 1.</param>
/// <param name="Channels">Channels C, at least 1.</param>
public readonly record struct Extents(int Images, int Rows, int Columns, int Channels)
{
    /// <summary>The extents of the tile that an instruction writes.</summary>
    internal static Extents Read(Instruction i) =>
        new((int)i[Field.Images], (int)i[Field.Rows], (int)i[Field.Columns], (int)i[Field.Channels]);

    /// <summary>Images * rows * columns.</summary>
    public long Pixels => (long)Images * Rows * Columns;

    /// <summary>Pixels * channels.</summary>
    public long Elements => Pixels * Channels;

    /// <summary>Channels in whole groups of 8.</summary>
    public int PaddedChannels => (Channels + 7) / 8 * 8;
}

using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;

namespace Ebsp.Compiler.Tiling;

/// <summary>The PE array with the first fold of a tile, small: which rows and columns hold weights.</summary>
internal static class ArrayDrawing
{
    private const int MostLines = 16, MostCharacters = 64;

    /// <summary>Draws it: a character stands for some rows and columns, # where a weight is, . where none is.</summary>
    /// <param name="arch">The machine.</param>
    /// <param name="layer">The convolution.</param>
    /// <param name="mapping">How it lies on the array.</param>
    /// <param name="inputs">Input channels of a group.</param>
    public static ImmutableArray<string> Of(ArchSpec arch, ArrayLayer layer, TileMapping mapping, int inputs)
    {
        KernelWindow g = layer.Conv.Geometry;
        PixelBlock block = mapping.Block;
        bool isDepthwise = layer.Conv.Groups > 1 && layer.Conv.Groups == layer.Source.Channels;
        int outputs = layer.Conv.OutputChannels / layer.Conv.Groups, channels = isDepthwise ? (int)mapping.Channels / outputs : 1;
        int[] rows = Positions(block.Rows, g.KernelRows, g.StrideY, g.DilationY);
        int[] columns = Positions(block.Columns, g.KernelColumns, g.StrideX, g.DilationX);
        int patch = rows.Length * columns.Length;
        (int high, int wide) = ((arch.Rows + MostLines - 1) / MostLines, (arch.Columns + MostCharacters - 1) / MostCharacters);
        char[][] picture = new char[(arch.Rows + high - 1) / high][];
        for (int i = 0; i < picture.Length; i++)
            picture[i] = [.. new string('.', (arch.Columns + wide - 1) / wide)];
        int ofPixel = isDepthwise ? outputs : (int)mapping.Channels, perChannel = isDepthwise ? 1 : inputs;
        for (int d = 0; d < channels; d++)
        {
            for (int position = 0; position < patch; position++)
            {
                for (int pixel = 0; pixel < block.Pixels; pixel++)
                {
                    if (HasTap(rows[position / columns.Length] - pixel / block.Columns * g.StrideY, g.KernelRows, g.DilationY)
                        && HasTap(columns[position % columns.Length] - pixel % block.Columns * g.StrideX, g.KernelColumns, g.DilationX))
                        Fill((d * patch + position) * perChannel, perChannel, (d * block.Pixels + pixel) * ofPixel, ofPixel);
                }
            }
        }

        return
        [
            string.Create(CultureInfo.InvariantCulture, $"a character is {high} rows x {wide} columns of the array, # where weights are"),
            .. picture.Select(line => new string(line)),
        ];

        void Fill(int row, int height, int column, int width)
        {
            for (int y = row; y < Math.Min(row + height, arch.Rows); y++)
            {
                for (int x = column; x < Math.Min(column + width, arch.Columns); x++)
                    picture[y / high][x / wide] = '#';
            }
        }
    }

    private static bool HasTap(int distance, int taps, int dilation) =>
        distance >= 0 && distance % dilation == 0 && distance / dilation < taps;

    private static int[] Positions(int pixels, int taps, int stride, int dilation) => [.. Enumerable.Range(0, pixels)
        .SelectMany(pixel => Enumerable.Range(0, taps).Select(tap => pixel * stride + tap * dilation)).Distinct().Order()];
}

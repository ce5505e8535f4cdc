namespace Ebsp.Compiler.Data.Jpeg;

/// <summary>
/// From a subsampled component to the picture's size. By two in a direction: the triangle filter of the IJG and libjpeg-turbo ("fancy
/// upsampling", 3/4 of the nearer and 1/4 of the farther sample, with their alternating rounding); by other factors, and for at most two
/// columns: repetition.
/// </summary>
internal static class Upsampling
{
    /// <summary>Fills a plane of the picture.</summary>
    /// <param name="component">The component.</param>
    /// <param name="down">Rows of the picture for one of the component.</param>
    /// <param name="across">Columns likewise.</param>
    /// <param name="plane">Height x width samples.</param>
    /// <param name="width">Columns of the picture.</param>
    public static void Expand(JpegComponent component, int down, int across, Span<byte> plane, int width)
    {
        bool triangle = down <= 2 && (across == 1 || across == 2 && component.Width > 2);
        int[] sums = new int[component.Width];
        for (int y = 0; y * width < plane.Length; y++)
        {
            Span<byte> row = plane.Slice(y * width, width);
            ReadOnlySpan<byte> near = component.Row(y / down);
            int other = Math.Clamp(y / down + (y % 2 == 0 ? -1 : 1), 0, component.Height - 1);
            ReadOnlySpan<byte> far = component.Row(other);
            if (down == 1 && across == 1)
                near[..width].CopyTo(row);
            else if (!triangle)
                Repeat(near, across, row);
            else if (across == 1)
                for (int x = 0; x < width; x++)
                    row[x] = (byte)((3 * near[x] + far[x] + 1 + y % 2) >> 2);
            else if (down == 1)
            {
                for (int x = 0; x < sums.Length; x++)
                    sums[x] = near[x];
                Double(sums, 2, 1, 2, row);
            }
            else
            {
                for (int x = 0; x < sums.Length; x++)
                    sums[x] = 3 * near[x] + far[x];
                Double(sums, 4, 8, 7, row);
            }
        }
    }

    private static void Repeat(ReadOnlySpan<byte> samples, int across, Span<byte> row)
    {
        for (int x = 0; x < row.Length; x++)
            row[x] = samples[x / across];
    }

    /// <summary>Twice as many columns: (3 near + far + rounding) >> shift; the outer ones are repeated.</summary>
    private static void Double(int[] sums, int shift, int roundLeft, int roundRight, Span<byte> row)
    {
        for (int x = 0; x < row.Length; x++)
        {
            int near = sums[x / 2], far = sums[Math.Clamp(x / 2 + (x % 2 == 0 ? -1 : 1), 0, sums.Length - 1)];
            row[x] = (byte)((3 * near + far + (x % 2 == 0 ? roundLeft : roundRight)) >> shift);
        }
    }
}

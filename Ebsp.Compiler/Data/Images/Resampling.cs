namespace Ebsp.Compiler.Data.Images;

/// <summary>
/// Antialiased bilinear scaling of 8-bit pixels as Pillow's <c>Image.resize(size, BILINEAR)</c> does it, bit for bit: a triangle as wide as
/// the factor of reduction, columns first, then rows, each with weights in 22-bit fixed point and a rounded 8-bit result.
/// </summary>
internal static class Resampling
{
    private const int Bits = 22;

    /// <summary>The picture with other numbers of rows and columns.</summary>
    public static Raster Resize(Raster image, int height, int width)
    {
        Raster result = image;
        if (width != image.Width)
        {
            byte[] wide = new byte[image.Channels * image.Height * width];
            Span<Tap> taps = Taps(image.Width, width, out int[] weights);
            // Rows of all channels lie behind each other.
            for (int row = 0; row < image.Channels * image.Height; row++)
                for (int x = 0; x < width; x++)
                    wide[row * width + x] = Sum(image.Pixels, row * image.Width, 1, taps[x], weights);
            result = new Raster(image.Channels, image.Height, width, wide);
        }

        if (height == image.Height)
            return result;
        byte[] high = new byte[image.Channels * height * width];
        Span<Tap> down = Taps(image.Height, height, out int[] factors);
        for (int c = 0; c < image.Channels; c++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    high[(c * height + y) * width + x] = Sum(result.Pixels, c * image.Height * width + x, width, down[y], factors);
        return new Raster(image.Channels, height, width, high);
    }

    /// <summary>Where the pixels of a result begin, how many they are, and where their weights lie.</summary>
    private readonly record struct Tap(int First, int Count, int Weights);

    private static byte Sum(byte[] pixels, int start, int step, Tap tap, int[] weights)
    {
        int sum = 1 << (Bits - 1);
        for (int i = 0, at = start + tap.First * step; i < tap.Count; i++, at += step)
            sum += pixels[at] * weights[tap.Weights + i];
        return (byte)Math.Clamp(sum >> Bits, 0, 255);
    }

    private static Tap[] Taps(int from, int to, out int[] weights)
    {
        double scale = (double)from / to, reach = Math.Max(scale, 1);
        Tap[] taps = new Tap[to];
        List<int> all = [];
        for (int i = 0; i < to; i++)
        {
            double center = (i + 0.5) * scale;
            int first = Math.Max(0, (int)(center - reach + 0.5)), count = Math.Min(from, (int)(center + reach + 0.5)) - first;
            taps[i] = new Tap(first, count, all.Count);
            double[] triangle = new double[count];
            double sum = 0;
            for (int k = 0; k < count; k++)
                sum += triangle[k] = Math.Max(0, 1 - Math.Abs((first + k - center + 0.5) * (1 / reach)));
            // Pillow multiplies by the reciprocal; so does this, for the same last bit.
            foreach (double value in triangle)
                all.Add((int)(0.5 + value * (1 / sum) * (1 << Bits)));
        }

        weights = [.. all];
        return taps;
    }
}

namespace Ebsp.Samples.Detector;

/// <summary>Pictures to look at: bright squares on a dark ground with a little noise.</summary>
internal static class Scene
{
    /// <summary>Left, top and edge of the squares of the picture that the sample looks at.</summary>
    public static IReadOnlyList<(int Left, int Top, int Edge)> Squares { get; } = [(8, 8, 16), (40, 16, 16), (12, 40, 16)];

    /// <summary>Draws a picture.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="squares">Left, top and edge of each square.</param>
    /// <param name="seed">Of the noise.</param>
    /// <returns>[3][H][W], R, G, B.</returns>
    public static byte[] Draw(int width, int height, IEnumerable<(int Left, int Top, int Edge)> squares, uint seed = 1)
    {
        byte[] picture = new byte[3 * width * height];
        uint state = seed;
        for (int i = 0; i < picture.Length; i++)
        {
            // Numerical Recipes' generator: the same noise on every machine.
            state = state * 1664525 + 1013904223;
            picture[i] = (byte)(16 + (state >> 28));
        }

        foreach ((int left, int top, int edge) in squares)
        {
            for (int i = 0; i < 3 * edge * edge; i++)
            {
                int channel = i / (edge * edge), y = top + i / edge % edge, x = left + i % edge;
                picture[(channel * height + y) * width + x] += 200;
            }
        }

        return picture;
    }
}

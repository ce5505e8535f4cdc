using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Execution;

/// <summary>Images for a comparison of executors that needs no real ones.</summary>
public static class RandomImages
{
    // Factor and increment of Knuth's MMIX generator; the images must not change with the runtime.
    private const ulong Factor = 6364136223846793005, Increment = 1442695040888963407, Seed = 0x9E3779B97F4A7C15;

    /// <summary>Random pixels, the same at every call.</summary>
    /// <param name="shape">Shape of an image.</param>
    /// <param name="count">Images.</param>
    public static ImageSet Of(Shape shape, int count)
    {
        byte[] pixels = new byte[shape.Elements * count];
        ulong state = Seed;
        for (int i = 0; i < pixels.Length; i++)
        {
            state = state * Factor + Increment;
            pixels[i] = (byte)(state >> 56);
        }

        return new ImageSet("random", shape.Channels, shape.Height, shape.Width, count, pixels, null);
    }
}

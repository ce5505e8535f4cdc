using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>Maximum or int32 sum over the elements of the map under a window; padding never takes part.</summary>
internal static class PoolReference
{
    public static int[] Max(int[] map, Shape input, Shape output, KernelWindow geometry) =>
        Run(map, input, output, geometry, int.MinValue, Math.Max);

    public static int[] Sum(int[] map, Shape input, Shape output, KernelWindow geometry) =>
        Run(map, input, output, geometry, 0, (a, b) => a + b);

    private static int[] Run(int[] map, Shape input, Shape output, KernelWindow g, int start, Func<int, int, int> combine)
    {
        int[] result = new int[output.Elements];
        Array.Fill(result, start);
        int channels = input.Channels;
        for (int y = 0; y < output.Height; y++)
        {
            for (int x = 0; x < output.Width; x++)
            {
                Span<int> target = result.AsSpan((y * output.Width + x) * channels, channels);
                for (int r = 0; r < g.KernelRows; r++)
                {
                    for (int s = 0; s < g.KernelColumns; s++)
                    {
                        int row = y * g.StrideY - g.PadTop + r * g.DilationY, column = x * g.StrideX - g.PadLeft + s * g.DilationX;
                        if (row < 0 || row >= input.Height || column < 0 || column >= input.Width)
                            continue;
                        ReadOnlySpan<int> source = map.AsSpan((row * input.Width + column) * channels, channels);
                        for (int c = 0; c < channels; c++)
                            target[c] = combine(target[c], source[c]);
                    }
                }
            }
        }

        return result;
    }
}

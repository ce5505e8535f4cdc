using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>1 for the largest channel of each pixel, the first of equals; 0 for the others.</summary>
internal sealed class ArgMaxKernel(int channels) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        inputs[0].AsSpan(0, output.Length).CopyTo(output);
        for (int at = 0; at < output.Length; at += channels)
            Apply(output.Slice(at, channels), new Shape(channels, 1, 1));
    }

    /// <summary>In place, on all pixels of a result in C, H, W order.</summary>
    public static void Apply(Span<float> scores, Shape shape)
    {
        int plane = shape.Height * shape.Width;
        for (int pixel = 0; pixel < plane; pixel++)
        {
            int largest = pixel;
            for (int i = pixel; i < scores.Length; i += plane)
            {
                if (scores[i] > scores[largest])
                    largest = i;
            }

            for (int i = pixel; i < scores.Length; i += plane)
                scores[i] = i == largest ? 1 : 0;
        }
    }
}

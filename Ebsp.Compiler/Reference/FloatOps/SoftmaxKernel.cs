using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Softmax and the other transforms of outputs over the channels of each pixel, in double, as the host does it with the scores of
/// a machine.</summary>
internal sealed class SoftmaxKernel(OutputTransform transform, int channels) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch) =>
        Apply(inputs[0].AsSpan(0, output.Length), output, transform, channels);

    /// <summary>Pixel after pixel, H, W, C; the two spans may be one.</summary>
    public static void Apply(ReadOnlySpan<float> x, Span<float> y, OutputTransform transform, int channels)
    {
        double[] values = new double[channels];
        for (int first = 0; first < y.Length; first += channels)
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = x[first + i];
            OutputTransforms.Apply(values, (int)transform);
            for (int i = 0; i < values.Length; i++)
                y[first + i] = (float)values[i];
        }
    }
}

using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Local response normalization across channels, in double.</summary>
internal sealed class LocalResponseKernel(LocalResponseNorm norm, int channels) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        int before = (norm.Size - 1) / 2, behind = norm.Size / 2;
        for (int at = 0; at < output.Length; at += channels)
        {
            ReadOnlySpan<float> x = inputs[0].AsSpan(at, channels);
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                for (int i = Math.Max(c - before, 0); i <= Math.Min(c + behind, channels - 1); i++)
                    sum += (double)x[i] * x[i];
                output[at + c] = (float)(x[c] * Factor(norm, sum));
            }
        }
    }

    /// <summary>What a value is multiplied by: (Bias + Alpha / Size * sum)^-Beta.</summary>
    /// <param name="norm">The operation.</param>
    /// <param name="sum">Sum of squares.</param>
    public static double Factor(LocalResponseNorm norm, double sum)
    {
        double power = norm.Bias + (double)norm.Alpha / norm.Size * sum;
        // The usual exponent, 3/4, by roots: several times as fast.
        return norm.Beta == 0.75f ? 1 / (Math.Sqrt(power) * Math.Sqrt(Math.Sqrt(power))) : Math.Pow(power, -norm.Beta);
    }
}

using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>A function of each value.</summary>
internal sealed class PointKernel(PointFunction function) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        for (int i = 0; i < output.Length; i++)
            output[i] = (float)function.Of(inputs[0][i]);
    }
}

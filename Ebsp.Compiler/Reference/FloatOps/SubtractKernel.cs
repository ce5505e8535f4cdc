using System.Numerics;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>First tensor minus second.</summary>
internal sealed class SubtractKernel : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0], b = inputs[1];
        int i = 0;
        for (; i + Vector<float>.Count <= output.Length; i += Vector<float>.Count)
            (new Vector<float>(a[i..]) - new Vector<float>(b[i..])).CopyTo(output[i..]);
        for (; i < output.Length; i++)
            output[i] = a[i] - b[i];
    }
}

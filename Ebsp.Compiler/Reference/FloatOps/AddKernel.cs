using System.Numerics;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Sum of two tensors, or their difference.</summary>
/// <param name="sign">1, or -1 for the second tensor to be subtracted.</param>
internal sealed class AddKernel(float sign) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0], b = inputs[1];
        int i = 0;
        for (; i + Vector<float>.Count <= output.Length; i += Vector<float>.Count)
            (new Vector<float>(a[i..]) + sign * new Vector<float>(b[i..])).CopyTo(output[i..]);
        for (; i < output.Length; i++)
            output[i] = a[i] + sign * b[i];
    }
}

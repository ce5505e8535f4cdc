using System.Numerics;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Product of two tensors, or of a map and one gate for each channel.</summary>
internal sealed class MultiplyKernel(int channels, bool isGate) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        int run = isGate ? channels : output.Length;
        for (int at = 0; at < output.Length; at += run)
            Product(inputs[0].AsSpan(at, run), inputs[1].AsSpan(0, run), output.Slice(at, run));
    }

    private static void Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> output)
    {
        int i = 0;
        for (; i + Vector<float>.Count <= output.Length; i += Vector<float>.Count)
            (new Vector<float>(a[i..]) * new Vector<float>(b[i..])).CopyTo(output[i..]);
        for (; i < output.Length; i++)
            output[i] = a[i] * b[i];
    }
}

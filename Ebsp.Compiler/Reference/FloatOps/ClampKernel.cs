using System.Numerics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>min(max(x, minimum), maximum).</summary>
internal sealed class ClampKernel(Clamp clamp) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        Vector<float> minimum = new(clamp.Minimum), maximum = new(clamp.Maximum);
        int i = 0;
        for (; i + Vector<float>.Count <= output.Length; i += Vector<float>.Count)
            Vector.Min(Vector.Max(new Vector<float>(a[i..]), minimum), maximum).CopyTo(output[i..]);
        for (; i < output.Length; i++)
            output[i] = Math.Min(Math.Max(a[i], clamp.Minimum), clamp.Maximum);
    }
}

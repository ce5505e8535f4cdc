using System.Numerics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>y = x * factor + offset by channel.</summary>
internal sealed class AffineKernel(ChannelAffine affine) : IFloatKernel
{
    private readonly float[] _factors = [.. affine.Factor];
    private readonly float[] _offsets = [.. affine.Offset];

    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        int channels = _factors.Length;
        for (int at = 0; at < output.Length; at += channels)
        {
            ReadOnlySpan<float> x = a.Slice(at, channels);
            Span<float> y = output.Slice(at, channels);
            int c = 0;
            for (; c + Vector<float>.Count <= channels; c += Vector<float>.Count)
            {
                Vector.FusedMultiplyAdd(new Vector<float>(x[c..]), new Vector<float>(_factors.AsSpan(c)),
                    new Vector<float>(_offsets.AsSpan(c)))
                    .CopyTo(y[c..]);
            }

            for (; c < channels; c++)
                y[c] = MathF.FusedMultiplyAdd(x[c], _factors[c], _offsets[c]);
        }
    }
}

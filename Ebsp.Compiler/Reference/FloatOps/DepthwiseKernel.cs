using System.Numerics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Depthwise convolution with one output channel an input channel: whole pixels at a time.</summary>
internal sealed class DepthwiseKernel : IFloatKernel
{
    private readonly KernelTaps.Tap[][] _taps;
    private readonly float[] _weights;
    private readonly float[] _bias;

    public DepthwiseKernel(Conv conv, Shape input, Shape output)
    {
        _taps = KernelTaps.Taps(conv.Geometry, input, output);
        _bias = [.. conv.Bias];
        int taps = (int)conv.Geometry.Taps;
        _weights = new float[conv.Weights.Length];
        for (int c = 0; c < input.Channels; c++)
        {
            for (int tap = 0; tap < taps; tap++)
                _weights[tap * input.Channels + c] = conv.Weights[c * taps + tap];
        }
    }

    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        int channels = _bias.Length;
        for (int pixel = 0; pixel < _taps.Length; pixel++)
        {
            Span<float> sums = output.Slice(pixel * channels, channels);
            _bias.CopyTo(sums);
            foreach (KernelTaps.Tap tap in _taps[pixel])
                MultiplyAdd(a.Slice(tap.Offset, channels), _weights.AsSpan(tap.Index * channels, channels), sums);
        }
    }

    private static void MultiplyAdd(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<float> sums)
    {
        int c = 0;
        for (; c + Vector<float>.Count <= sums.Length; c += Vector<float>.Count)
            Vector.FusedMultiplyAdd(new Vector<float>(x[c..]), new Vector<float>(w[c..]), new Vector<float>(sums[c..])).CopyTo(sums[c..]);
        for (; c < sums.Length; c++)
            sums[c] = MathF.FusedMultiplyAdd(x[c], w[c], sums[c]);
    }
}

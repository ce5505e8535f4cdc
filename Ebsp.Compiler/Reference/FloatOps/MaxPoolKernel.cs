using System.Numerics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Maximum over the taps that fall on the map.</summary>
internal sealed class MaxPoolKernel(MaxPool pool, Shape input, Shape output) : IFloatKernel
{
    private readonly KernelTaps.Tap[][] _taps = KernelTaps.Taps(pool.Geometry, input, output);
    private readonly int _channels = input.Channels;

    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        for (int pixel = 0; pixel < _taps.Length; pixel++)
        {
            Span<float> largest = output.Slice(pixel * _channels, _channels);
            largest.Fill(float.NegativeInfinity);
            foreach (KernelTaps.Tap tap in _taps[pixel])
                Max(a.Slice(tap.Offset, _channels), largest);
        }
    }

    private static void Max(ReadOnlySpan<float> x, Span<float> largest)
    {
        int c = 0;
        for (; c + Vector<float>.Count <= largest.Length; c += Vector<float>.Count)
            Vector.Max(new Vector<float>(x[c..]), new Vector<float>(largest[c..])).CopyTo(largest[c..]);
        for (; c < largest.Length; c++)
            largest[c] = Math.Max(x[c], largest[c]);
    }
}

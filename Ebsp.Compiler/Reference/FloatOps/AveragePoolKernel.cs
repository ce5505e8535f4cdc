using System.Numerics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Mean over the taps that fall on the map, or on the map and its padding.</summary>
internal sealed class AveragePoolKernel(AveragePool pool, Shape input, Shape output) : IFloatKernel
{
    private readonly Windowed.Tap[][] _taps = Windowed.Taps(pool.Geometry, input, output);
    private readonly int[]? _counts = pool.CountIncludesPadding ? Windowed.CountsWithPadding(pool.Geometry, input, output) : null;
    private readonly int _channels = input.Channels;

    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        for (int pixel = 0; pixel < _taps.Length; pixel++)
        {
            Span<float> sums = output.Slice(pixel * _channels, _channels);
            sums.Clear();
            foreach (Windowed.Tap tap in _taps[pixel])
                Add(a.Slice(tap.Offset, _channels), sums);
            float count = _counts is null ? _taps[pixel].Length : _counts[pixel];
            foreach (ref float sum in sums)
                sum /= count;
        }
    }

    private static void Add(ReadOnlySpan<float> x, Span<float> sums)
    {
        int c = 0;
        for (; c + Vector<float>.Count <= sums.Length; c += Vector<float>.Count)
            (new Vector<float>(x[c..]) + new Vector<float>(sums[c..])).CopyTo(sums[c..]);
        for (; c < sums.Length; c++)
            sums[c] += x[c];
    }
}

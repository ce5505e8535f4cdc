using System.Numerics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Mean over the taps that fall on the map, or on the map and its padding.</summary>
internal sealed class AveragePoolKernel(AveragePool pool, Shape input, Shape output) : IFloatKernel
{
    private readonly KernelTaps.Tap[][] _taps = KernelTaps.Taps(pool.Geometry, input, output);
    private readonly int[]? _counts = pool.CountIncludesPadding ? KernelTaps.CountsWithPadding(pool.Geometry, input, output) : null;
    private readonly int _channels = input.Channels;

    // The mean of a whole map has many terms: four sums side by side lose less, and are those of ONNX Runtime.
    private bool IsWhole => _taps.Length == 1;

    public int ScratchElements => IsWhole ? 4 * _channels : 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        for (int pixel = 0; pixel < _taps.Length; pixel++)
        {
            Span<float> sums = output.Slice(pixel * _channels, _channels);
            sums.Clear();
            ReadOnlySpan<KernelTaps.Tap> taps = _taps[pixel];
            int whole = IsWhole ? taps.Length / 4 * 4 : 0;
            if (whole > 0)
                AddInFours(a, taps[..whole], sums, scratch[..(4 * _channels)]);
            foreach (KernelTaps.Tap tap in taps[whole..])
                Add(a.Slice(tap.Offset, _channels), sums);
            float count = _counts is null ? _taps[pixel].Length : _counts[pixel];
            foreach (ref float sum in sums)
                sum /= count;
        }
    }

    // (first + third) + (second + fourth) of the sums of every fourth element.
    private void AddInFours(ReadOnlySpan<float> a, ReadOnlySpan<KernelTaps.Tap> taps, Span<float> sums, Span<float> parts)
    {
        parts.Clear();
        for (int i = 0; i < taps.Length; i++)
            Add(a.Slice(taps[i].Offset, _channels), parts.Slice(i % 4 * _channels, _channels));
        for (int c = 0; c < _channels; c++)
            sums[c] = (parts[c] + parts[2 * _channels + c]) + (parts[_channels + c] + parts[3 * _channels + c]);
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

using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>
/// Convolution of an already quantized network in float32, its sums in the order of ONNX Runtime's CPU kernels: channel, row, column
/// in blocks of fused multiply-adds, the bias last; one output channel a group in plain products, four at a time. Between roundings
/// to 8 bits the last bit of a sum decides steps, which the layers behind spread over the whole map; with one order the
/// scores of such networks are those of ONNX Runtime bit for bit.
/// </summary>
internal sealed class OrderedConvKernel : IFloatKernel
{
    private readonly Shape _input;
    private readonly Shape _output;
    private readonly KernelWindow _geometry;
    private readonly int _groups;
    private readonly float[] _weights;
    private readonly float[] _bias;
    private readonly int _reduction;
    private readonly int _block;

    public OrderedConvKernel(KernelWindow geometry, int groups, ImmutableArray<float> weights, ImmutableArray<float> bias, Shape input,
        Shape output)
    {
        (_input, _output, _geometry, _groups) = (input, output, geometry, groups);
        _weights = ImmutableCollectionsMarshal.AsArray(weights)!;
        _bias = ImmutableCollectionsMarshal.AsArray(bias)!;
        _reduction = weights.Length / bias.Length;
        bool isProduct = geometry is { KernelRows: 1, KernelColumns: 1, StrideY: 1, StrideX: 1, IsPadded: false };
        _block = isProduct ? ProductBlock(output.Height * output.Width, _reduction) : 128;
    }

    public int ScratchElements => _reduction * Tile;

    // Pixels of a tile: four vectors share a load of a weight. Lanes are pixels, so the width of a vector does not show in the result.
    private static int Tile => 4 * Vector<float>.Count;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        int pixels = _output.Height * _output.Width, perGroup = _bias.Length / _groups;
        Span<float> columns = scratch[..ScratchElements], sums = stackalloc float[Tile];
        for (int first = 0; first < pixels; first += Tile)
        {
            int count = Math.Min(Tile, pixels - first);
            for (int group = 0; group < _groups; group++)
            {
                Gather(inputs[0], first, count, group, columns);
                for (int k = group * perGroup; k < (group + 1) * perGroup; k++)
                {
                    ReadOnlySpan<float> weights = _weights.AsSpan(k * _reduction, _reduction);
                    if (perGroup == 1 && _groups > 1)
                        Single(weights, columns, sums);
                    else
                        Blocks(weights, columns, sums);
                    for (int p = 0; p < count; p++)
                        output[(first + p) * _bias.Length + k] = sums[p] + _bias[k];
                }
            }
        }
    }

    // The reduction is cut where the matrix product of that runtime cuts it: 128, more where the map is small.
    private static int ProductBlock(int pixels, int reduction)
    {
        int block = 128, wide = 128;
        if (pixels >= reduction)
        {
            while (block / 2 >= reduction)
                block /= 2;
            return Math.Max(block, 1);
        }

        for (; wide > 16 && wide / 2 >= pixels; wide /= 2)
            block *= 2;
        return block;
    }

    private void Blocks(ReadOnlySpan<float> weights, ReadOnlySpan<float> columns, Span<float> sums)
    {
        int lanes = Vector<float>.Count;
        Vector<float> t0 = default, t1 = default, t2 = default, t3 = default;
        for (int start = 0; start < weights.Length; start += _block)
        {
            Vector<float> a0 = default, a1 = default, a2 = default, a3 = default;
            ReadOnlySpan<float> block = weights.Slice(start, Math.Min(_block, weights.Length - start));
            ReadOnlySpan<float> x = columns.Slice(start * Tile, block.Length * Tile);
            for (int i = 0; i < block.Length; i++)
            {
                Vector<float> w = new(block[i]);
                ReadOnlySpan<float> row = x.Slice(i * 4 * lanes, 4 * lanes);
                a0 = Vector.FusedMultiplyAdd(w, new Vector<float>(row), a0);
                a1 = Vector.FusedMultiplyAdd(w, new Vector<float>(row[lanes..]), a1);
                a2 = Vector.FusedMultiplyAdd(w, new Vector<float>(row[(2 * lanes)..]), a2);
                a3 = Vector.FusedMultiplyAdd(w, new Vector<float>(row[(3 * lanes)..]), a3);
            }

            (t0, t1, t2, t3) = (t0 + a0, t1 + a1, t2 + a2, t3 + a3);
        }

        t0.CopyTo(sums);
        t1.CopyTo(sums[lanes..]);
        t2.CopyTo(sums[(2 * lanes)..]);
        t3.CopyTo(sums[(3 * lanes)..]);
    }

    // Four products are added up and then added to the sum; two and one at the end.
    private static void Single(ReadOnlySpan<float> weights, ReadOnlySpan<float> columns, Span<float> sums)
    {
        int tile = Tile;
        for (int lane = 0; lane < tile; lane += Vector<float>.Count)
        {
            Vector<float> total = default;
            for (int i = 0; i < weights.Length;)
            {
                int run = weights.Length - i >= 4 ? 4 : weights.Length - i >= 2 ? 2 : 1;
                Vector<float> part = new Vector<float>(weights[i]) * new Vector<float>(columns[(i * tile + lane)..]);
                for (int j = i + 1; j < i + run; j++)
                    part += new Vector<float>(weights[j]) * new Vector<float>(columns[(j * tile + lane)..]);
                total = part + total;
                i += run;
            }

            total.CopyTo(sums[lane..]);
        }
    }

    // What a group's weights multiply at each pixel of a tile, [C, R, S][pixel]; zero outside the map.
    private void Gather(ReadOnlySpan<float> map, int first, int count, int group, Span<float> columns)
    {
        int channels = _input.Channels / _groups, taps = (int)_geometry.Taps, tile = Tile;
        columns.Clear();
        for (int p = 0; p < count; p++)
        {
            int y = (first + p) / _output.Width * _geometry.StrideY - _geometry.PadTop,
                x = (first + p) % _output.Width * _geometry.StrideX - _geometry.PadLeft;
            for (int tap = 0; tap < taps; tap++)
            {
                int row = y + tap / _geometry.KernelColumns * _geometry.DilationY, column = x
                    + tap % _geometry.KernelColumns * _geometry.DilationX;
                if (row < 0 || row >= _input.Height || column < 0 || column >= _input.Width)
                    continue;
                ReadOnlySpan<float> pixel = map.Slice((row * _input.Width + column) * _input.Channels + group * channels, channels);
                for (int c = 0; c < channels; c++)
                    columns[(c * taps + tap) * tile + p] = pixel[c];
            }
        }
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>
/// Integer convolution of one image in H, W, C order, prepared once for many images: int32 accumulators in two's complement that start
/// at the bias and wrap. Vectors run over output channels, so each accumulator is a plain loop over the window.
/// </summary>
internal sealed class ConvReference
{
    // Pixels that share a load of weights.
    private const int Block = 4;

    private readonly Shape _input;
    private readonly Shape _output;
    private readonly KernelWindow _geometry;
    private readonly int _groups;
    private readonly int _paddedOutputs;
    private readonly int[] _weights;
    private readonly int[] _bias;

    /// <summary>Rearranges the weights.</summary>
    /// <param name="conv">The operation.</param>
    /// <param name="input">Shape of what it reads.</param>
    public ConvReference(IntegerConv conv, Shape input)
        : this(conv.Geometry, conv.Groups, Widen(conv.Weights.AsSpan()), conv.Bias.AsSpan(), input)
    {
    }

    /// <summary>Rearranges weights of any width; the caller proves that no accumulator leaves int32.</summary>
    /// <param name="geometry">Kernel, strides, pads, dilations.</param>
    /// <param name="groups">G.</param>
    /// <param name="weights">[K, C/G, R, S].</param>
    /// <param name="bias">[K].</param>
    /// <param name="input">Shape of what it reads.</param>
    public ConvReference(KernelWindow geometry, int groups, ReadOnlySpan<int> weights, ReadOnlySpan<int> bias, Shape input)
    {
        int outputs = bias.Length;
        (int height, int width) = geometry.Output(input.Height, input.Width);
        _input = input;
        _output = new Shape(outputs, height, width);
        _geometry = geometry;
        _groups = groups;
        // Grouped layers have few outputs a group and run the scalar loop: no padding of vectors.
        _paddedOutputs = groups == 1 ? (outputs + Vector<int>.Count - 1) / Vector<int>.Count * Vector<int>.Count : outputs;
        _bias = new int[_paddedOutputs];
        bias.CopyTo(_bias);
        int channels = input.Channels / groups, taps = (int)geometry.Taps;
        _weights = new int[taps * channels * _paddedOutputs];
        for (int k = 0; k < outputs; k++)
        {
            for (int c = 0; c < channels; c++)
            {
                for (int tap = 0; tap < taps; tap++)
                    _weights[(tap * channels + c) * _paddedOutputs + k] = weights[(k * channels + c) * taps + tap];
            }
        }
    }

    /// <summary>The map of one image.</summary>
    /// <param name="map">[H, W, C].</param>
    /// <returns>[H, W, K] of the output.</returns>
    public int[] Run(int[] map)
    {
        int[] padded = PaddedMap(map);
        int[] result = new int[_output.Elements];
        if (_groups != 1)
        {
            RunGroups(padded, result);
            return result;
        }

        int[] row = new int[Block * _paddedOutputs];
        for (int y = 0; y < _output.Height; y++)
        {
            for (int x = 0; x < _output.Width; x += Block)
            {
                int pixels = Math.Min(Block, _output.Width - x);
                int k = 0;
                if (pixels == Block)
                {
                    for (; k + 2 * Vector<int>.Count <= _paddedOutputs; k += 2 * Vector<int>.Count)
                        FourPixels(padded, y, x, k, row);
                }

                for (int pixel = 0; pixel < pixels; pixel++)
                {
                    for (int rest = k; rest < _paddedOutputs; rest += Vector<int>.Count)
                        OnePixel(padded, y, x + pixel, rest, row.AsSpan(pixel * _paddedOutputs + rest));
                    row.AsSpan(pixel * _paddedOutputs, _output.Channels)
                        .CopyTo(result.AsSpan((y * _output.Width + x + pixel) * _output.Channels));
                }
            }
        }

        return result;
    }

    private static int[] Widen(ReadOnlySpan<sbyte> weights)
    {
        int[] wide = new int[weights.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = weights[i];
        return wide;
    }

    private int[] PaddedMap(int[] map)
    {
        if (!_geometry.IsPadded)
            return map;
        int width = _input.Width + _geometry.PadLeft + _geometry.PadRight;
        int[] padded = new int[(_input.Height + _geometry.PadTop + _geometry.PadBottom) * width * _input.Channels];
        int rowLength = _input.Width * _input.Channels;
        for (int y = 0; y < _input.Height; y++)
        {
            map.AsSpan(y * rowLength, rowLength)
                .CopyTo(padded.AsSpan(((y + _geometry.PadTop) * width + _geometry.PadLeft) * _input.Channels));
        }

        return padded;
    }

    private int PaddedWidth => _input.Width + _geometry.PadLeft + _geometry.PadRight;

    private void FourPixels(int[] padded, int y, int x, int k, int[] row)
    {
        int channels = _input.Channels, width = PaddedWidth, step = _geometry.StrideX * channels;
        ref int weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        nuint w = (nuint)k;
        Vector<int> bias0 = new(_bias, k), bias1 = new(_bias, k + Vector<int>.Count);
        Vector<int> p0 = bias0, p1 = bias1, q0 = bias0, q1 = bias1, r0 = bias0, r1 = bias1, s0 = bias0, s1 = bias1;
        for (int r = 0; r < _geometry.KernelRows; r++)
        {
            for (int s = 0; s < _geometry.KernelColumns; s++)
            {
                int at = ((y * _geometry.StrideY + r * _geometry.DilationY) * width + x * _geometry.StrideX
                    + s * _geometry.DilationX) * channels;
                ReadOnlySpan<int> p = padded.AsSpan(at, channels), q = padded.AsSpan(at + step, channels);
                ReadOnlySpan<int> t = padded.AsSpan(at + 2 * step, channels), u = padded.AsSpan(at + 3 * step, channels);
                for (int c = 0; c < p.Length; c++, w += (nuint)_paddedOutputs)
                {
                    Vector<int> w0 = Vector.LoadUnsafe(ref weights, w), w1 = Vector.LoadUnsafe(ref weights, w + (nuint)Vector<int>.Count);
                    Vector<int> a = new(p[c]), b = new(q[c]), d = new(t[c]), e = new(u[c]);
                    p0 += a * w0;
                    p1 += a * w1;
                    q0 += b * w0;
                    q1 += b * w1;
                    r0 += d * w0;
                    r1 += d * w1;
                    s0 += e * w0;
                    s1 += e * w1;
                }
            }
        }

        p0.CopyTo(row, k);
        p1.CopyTo(row, k + Vector<int>.Count);
        q0.CopyTo(row, _paddedOutputs + k);
        q1.CopyTo(row, _paddedOutputs + k + Vector<int>.Count);
        r0.CopyTo(row, 2 * _paddedOutputs + k);
        r1.CopyTo(row, 2 * _paddedOutputs + k + Vector<int>.Count);
        s0.CopyTo(row, 3 * _paddedOutputs + k);
        s1.CopyTo(row, 3 * _paddedOutputs + k + Vector<int>.Count);
    }

    private void OnePixel(int[] padded, int y, int x, int k, Span<int> target)
    {
        int channels = _input.Channels, width = PaddedWidth;
        ref int weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        nuint w = (nuint)k;
        Vector<int> sum = new(_bias, k);
        for (int r = 0; r < _geometry.KernelRows; r++)
        {
            for (int s = 0; s < _geometry.KernelColumns; s++)
            {
                int at = ((y * _geometry.StrideY + r * _geometry.DilationY) * width + x * _geometry.StrideX
                    + s * _geometry.DilationX) * channels;
                foreach (int a in padded.AsSpan(at, channels))
                {
                    sum += new Vector<int>(a) * Vector.LoadUnsafe(ref weights, w);
                    w += (nuint)_paddedOutputs;
                }
            }
        }

        sum.CopyTo(target);
    }

    private void RunGroups(int[] padded, int[] result)
    {
        int channels = _input.Channels / _groups, outputs = _output.Channels / _groups, width = PaddedWidth, at = 0;
        for (int y = 0; y < _output.Height; y++)
        {
            for (int x = 0; x < _output.Width; x++)
            {
                for (int k = 0; k < _output.Channels; k++)
                {
                    int sum = _bias[k];
                    int first = k / outputs * channels, w = k;
                    for (int r = 0; r < _geometry.KernelRows; r++)
                    {
                        for (int s = 0; s < _geometry.KernelColumns; s++)
                        {
                            int pixel = (y * _geometry.StrideY + r * _geometry.DilationY) * width + x * _geometry.StrideX
                                + s * _geometry.DilationX;
                            foreach (int a in padded.AsSpan(pixel * _input.Channels + first, channels))
                            {
                                sum += a * _weights[w];
                                w += _paddedOutputs;
                            }
                        }
                    }

                    result[at++] = sum;
                }
            }
        }
    }
}

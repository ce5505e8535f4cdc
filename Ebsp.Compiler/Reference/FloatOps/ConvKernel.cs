using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>
/// Convolution as a product of small blocks: 6 pixels by 2 vectors of output channels stay in registers while the reduction runs over
/// the window; weights lie in the order in which they are read.
/// </summary>
internal sealed unsafe class ConvKernel : IFloatKernel
{
    private const int BlockPixels = 6;

    private static readonly int BlockChannels = 2 * Vector<float>.Count;

    private readonly Shape _input;
    private readonly KernelWindow _window;
    private readonly int _groups;
    private readonly int _groupOutputs;
    private readonly int _groupBlocks;
    private readonly int _outputChannels;
    private readonly int _paddedHeight;
    private readonly int _paddedWidth;
    private readonly int[] _pixelOffsets;
    private readonly int[] _runOffsets;
    private readonly int _runLength;
    private readonly float[] _weights;
    private readonly float[] _bias;

    public ConvKernel(KernelWindow window, int groups, ImmutableArray<float> weights, ImmutableArray<float> bias, Shape input, Shape output)
    {
        _input = input;
        _window = window;
        _groups = groups;
        _outputChannels = output.Channels;
        _groupOutputs = output.Channels / groups;
        _groupBlocks = (_groupOutputs + BlockChannels - 1) / BlockChannels;
        _paddedHeight = input.Height + window.PadTop + window.PadBottom;
        _paddedWidth = input.Width + window.PadLeft + window.PadRight;
        int groupInputs = input.Channels / groups;
        // Taps beside each other are one run of memory if every channel is read.
        bool joinsTaps = groups == 1 && window.DilationX == 1;
        _runLength = joinsTaps ? window.KernelColumns * groupInputs : groupInputs;
        _runOffsets = Offsets(window.KernelRows, joinsTaps ? 1 : window.KernelColumns, window.DilationY, window.DilationX);
        _pixelOffsets = Offsets(output.Height, output.Width, window.StrideY, window.StrideX);
        ScratchElements = window.IsPadded ? _paddedHeight * _paddedWidth * input.Channels : 0;
        _weights = new float[groups * _groupBlocks * window.Taps * groupInputs * BlockChannels];
        _bias = new float[groups * _groupBlocks * BlockChannels];
        Arrange(weights, bias, groupInputs);

        int[] Offsets(int rows, int columns, int stepY, int stepX)
        {
            int[] offsets = new int[rows * columns];
            for (int y = 0; y < rows; y++)
            {
                for (int x = 0; x < columns; x++)
                    offsets[y * columns + x] = (y * stepY * _paddedWidth + x * stepX) * _input.Channels;
            }

            return offsets;
        }
    }

    public int ScratchElements { get; }

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        ReadOnlySpan<float> map = a[..(int)_input.Elements];
        if (ScratchElements > 0)
        {
            Pad(map, scratch[..ScratchElements]);
            map = scratch[..ScratchElements];
        }

        int blockWeights = _runOffsets.Length * _runLength * BlockChannels;
        float* tail = stackalloc float[BlockChannels];
        fixed (float* from = map, to = output, weights = _weights, bias = _bias)
        {
            for (int block = 0; block < _groups * _groupBlocks; block++)
            {
                int group = block / _groupBlocks;
                int first = block % _groupBlocks * BlockChannels;
                int channels = Math.Min(BlockChannels, _groupOutputs - first);
                float* source = from + group * (_input.Channels / _groups);
                float* target = to + group * _groupOutputs + first;
                float* w = weights + (nint)block * blockWeights;
                int pixel = 0;
                if (channels == BlockChannels)
                {
                    for (; pixel + BlockPixels <= _pixelOffsets.Length; pixel += BlockPixels)
                        SixPixels(source, w, bias + block * BlockChannels, target, pixel);
                }

                for (; pixel < _pixelOffsets.Length; pixel++)
                {
                    OnePixel(source + _pixelOffsets[pixel], w, bias + block * BlockChannels, tail);
                    new ReadOnlySpan<float>(tail, channels).CopyTo(new Span<float>(target + (nint)pixel * _outputChannels, channels));
                }
            }
        }
    }

    private void SixPixels(float* source, float* w, float* bias, float* target, int pixel)
    {
        float* x0 = source + _pixelOffsets[pixel];
        float* x1 = source + _pixelOffsets[pixel + 1];
        float* x2 = source + _pixelOffsets[pixel + 2];
        float* x3 = source + _pixelOffsets[pixel + 3];
        float* x4 = source + _pixelOffsets[pixel + 4];
        float* x5 = source + _pixelOffsets[pixel + 5];
        int lanes = Vector<float>.Count;
        Vector<float> bias0 = Vector.Load(bias), bias1 = Vector.Load(bias + lanes);
        Vector<float> p00 = bias0, p01 = bias1, p10 = bias0, p11 = bias1, p20 = bias0, p21 = bias1;
        Vector<float> p30 = bias0, p31 = bias1, p40 = bias0, p41 = bias1, p50 = bias0, p51 = bias1;
        foreach (int run in _runOffsets)
        {
            for (nint i = run, end = run + _runLength; i < end; i++)
            {
                Vector<float> w0 = Vector.Load(w), w1 = Vector.Load(w + lanes);
                w += 2 * lanes;
                Vector<float> x = new(x0[i]);
                p00 = Vector.FusedMultiplyAdd(x, w0, p00);
                p01 = Vector.FusedMultiplyAdd(x, w1, p01);
                x = new(x1[i]);
                p10 = Vector.FusedMultiplyAdd(x, w0, p10);
                p11 = Vector.FusedMultiplyAdd(x, w1, p11);
                x = new(x2[i]);
                p20 = Vector.FusedMultiplyAdd(x, w0, p20);
                p21 = Vector.FusedMultiplyAdd(x, w1, p21);
                x = new(x3[i]);
                p30 = Vector.FusedMultiplyAdd(x, w0, p30);
                p31 = Vector.FusedMultiplyAdd(x, w1, p31);
                x = new(x4[i]);
                p40 = Vector.FusedMultiplyAdd(x, w0, p40);
                p41 = Vector.FusedMultiplyAdd(x, w1, p41);
                x = new(x5[i]);
                p50 = Vector.FusedMultiplyAdd(x, w0, p50);
                p51 = Vector.FusedMultiplyAdd(x, w1, p51);
            }
        }

        nint stride = _outputChannels;
        float* y = target + pixel * stride;
        Store(y, p00, p01);
        Store(y + stride, p10, p11);
        Store(y + 2 * stride, p20, p21);
        Store(y + 3 * stride, p30, p31);
        Store(y + 4 * stride, p40, p41);
        Store(y + 5 * stride, p50, p51);
    }

    private void OnePixel(float* source, float* w, float* bias, float* target)
    {
        int lanes = Vector<float>.Count;
        Vector<float> p0 = Vector.Load(bias), p1 = Vector.Load(bias + lanes);
        foreach (int run in _runOffsets)
        {
            for (nint i = run, end = run + _runLength; i < end; i++, w += 2 * lanes)
            {
                Vector<float> x = new(source[i]);
                p0 = Vector.FusedMultiplyAdd(x, Vector.Load(w), p0);
                p1 = Vector.FusedMultiplyAdd(x, Vector.Load(w + lanes), p1);
            }
        }

        Store(target, p0, p1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, Vector<float> p0, Vector<float> p1)
    {
        Vector.Store(p0, target);
        Vector.Store(p1, target + Vector<float>.Count);
    }

    /// <summary>From [K, C/G, R, S] to [block of channels][R][S][C/G][channel of the block], zeros behind the last channel.</summary>
    private void Arrange(ImmutableArray<float> weights, ImmutableArray<float> bias, int groupInputs)
    {
        int taps = (int)_window.Taps;
        for (int k = 0; k < _outputChannels; k++)
        {
            int block = k / _groupOutputs * _groupBlocks + k % _groupOutputs / BlockChannels;
            int lane = k % _groupOutputs % BlockChannels;
            _bias[block * BlockChannels + lane] = bias[k];
            for (int c = 0; c < groupInputs; c++)
            {
                for (int tap = 0; tap < taps; tap++)
                    _weights[((block * taps + tap) * groupInputs + c) * BlockChannels + lane] =
                        weights[(k * groupInputs + c) * taps + tap];
            }
        }
    }

    private void Pad(ReadOnlySpan<float> map, Span<float> padded)
    {
        padded.Clear();
        int row = _input.Width * _input.Channels;
        for (int y = 0; y < _input.Height; y++)
        {
            map.Slice(y * row, row)
                .CopyTo(padded[(((y + _window.PadTop) * _paddedWidth + _window.PadLeft) * _input.Channels)..]);
        }
    }
}

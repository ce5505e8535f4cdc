using System.Numerics;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>
/// Second moments of what a convolution multiplies, in integers, over a sample of output pixels of the calibration images, and its
/// products with the error that the layer should make up for. Long reductions are cut into segments that are treated as independent.
/// </summary>
internal sealed class InputStatistics
{
    // 256 rows of products of at most 255 * 255 stay exact in float32, so the order of additions does not matter.
    private const int BlockRows = 256;
    private const int LongestSegment = 1536;

    private readonly Conv _conv;
    private readonly Shape _input;
    private readonly int _width;
    private readonly int _paddedSegment;
    private readonly int _segments;
    private readonly double[][] _gram;
    private readonly double[][] _sums;
    private readonly double[] _cross;
    private readonly double[] _errorSums;

    public InputStatistics(Conv conv, Shape input)
    {
        _conv = conv;
        _input = input;
        ReductionLength = input.Channels / conv.Groups * (int)conv.Geometry.Taps;
        _segments = (ReductionLength + LongestSegment - 1) / LongestSegment;
        SegmentLength = (ReductionLength + _segments - 1) / _segments;
        // The product of blocks reads two vectors of columns at a time.
        int lanes = Math.Max(16, 2 * Vector<float>.Count);
        _paddedSegment = (SegmentLength + lanes - 1) / lanes * lanes;
        _width = _segments * _paddedSegment;
        _gram = [.. Enumerable.Range(0, conv.Groups * _segments).Select(_ => new double[_paddedSegment * _paddedSegment])];
        _sums = [.. Enumerable.Range(0, conv.Groups).Select(_ => new double[_width])];
        _cross = new double[conv.OutputChannels * _width];
        _errorSums = new double[conv.OutputChannels];
    }

    /// <summary>R * S * C / G.</summary>
    public int ReductionLength { get; }

    /// <summary>Columns of a segment; the last one may have fewer.</summary>
    public int SegmentLength { get; }

    /// <summary>Rows taken.</summary>
    public long Rows { get; private set; }

    /// <summary>Output pixels of each image that are sampled, in a fixed, spread order.</summary>
    /// <param name="images">Number of images.</param>
    /// <param name="output">Shape of the output.</param>
    /// <param name="rows">Most rows in all.</param>
    public static int[][] Sample(int images, Shape output, int rows)
    {
        int plane = output.Height * output.Width;
        int each = Math.Clamp(rows / images, 1, plane);
        // A step coprime to their number.
        int step = Math.Max(1, (int)(plane * 0.618));
        while (BigInteger.GreatestCommonDivisor(step, plane) != 1)
            step++;
        return [.. Enumerable.Range(0, images)
            .Select(image => Enumerable.Range(0, each).Select(i => (int)((image + (long)i * step) % plane)).ToArray())];
    }

    /// <summary>Takes the images in order.</summary>
    /// <param name="mapOf">Integers that the layer reads in an image, H, W, C.</param>
    /// <param name="errors">What the sampled outputs lack, [sample, K] by image, or null.</param>
    /// <param name="pixels">Sampled output pixels by image.</param>
    /// <param name="output">Shape of the output.</param>
    /// <param name="threads">Threads; the result does not depend on it.</param>
    public void Add(Func<int, int[]> mapOf, float[][]? errors, int[][] pixels, Shape output, int threads)
    {
        (int Image, int Sample)[] samples =
            [.. pixels.SelectMany((each, image) => Enumerable.Range(0, each.Length).Select(sample => (image, sample)))];
        int loaded = -1;
        int[] map = [];
        float[] x = new float[BlockRows * _width];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = threads };
        for (int first = 0; first < samples.Length; first += BlockRows)
        {
            ReadOnlyMemory<(int Image, int Sample)> block = samples.AsMemory(first, Math.Min(BlockRows, samples.Length - first));
            for (int group = 0; group < _conv.Groups; group++)
            {
                int g = group;
                Array.Clear(x);
                for (int r = 0; r < block.Length; r++)
                {
                    (int image, int sample) = block.Span[r];
                    if (image != loaded)
                        (loaded, map) = (image, mapOf(image));
                    Row(map, pixels[image][sample], output, g, x.AsSpan(r * _width, _width));
                }

                for (int segment = 0; segment < _segments; segment++)
                    Multiply(x, block.Length, segment, _gram[g * _segments + segment], parallel);
                for (int r = 0; r < block.Length; r++)
                {
                    for (int j = 0; j < _width; j++)
                        _sums[g][j] += x[r * _width + j];
                }

                if (errors is not null)
                    MultiplyErrors(x, block, errors, output, g, parallel);
            }
        }

        Rows += samples.Length;
    }

    /// <summary>Covariance of a segment's columns, with a share of its mean diagonal added to the diagonal.</summary>
    public double[,] Covariance(int group, int segment, double damping)
    {
        int length = LengthOf(segment);
        double[,] covariance = new double[length, length];
        double[] gram = _gram[group * _segments + segment];
        double trace = 0;
        for (int i = 0; i < length; i++)
        {
            double mean = _sums[group][segment * _paddedSegment + i] / Rows;
            for (int j = i; j < length; j++)
            {
                double value = gram[i * _paddedSegment + j] / Rows - mean * _sums[group][segment * _paddedSegment + j] / Rows;
                covariance[i, j] = covariance[j, i] = value;
            }

            trace += covariance[i, i];
        }

        // Columns that never vary must not be free to take any weight.
        double add = Math.Max(damping * trace / length, 1e-6);
        for (int i = 0; i < length; i++)
            covariance[i, i] += add;
        return covariance;
    }

    /// <summary>Covariance of an output's error with a segment's columns.</summary>
    public double[] ErrorCovariance(int output, int segment)
    {
        int group = output / (_conv.OutputChannels / _conv.Groups);
        double[] covariance = new double[LengthOf(segment)];
        for (int i = 0; i < covariance.Length; i++)
        {
            int column = segment * _paddedSegment + i;
            covariance[i] = _cross[output * _width + column] / Rows - _errorSums[output] / Rows * (_sums[group][column] / Rows);
        }

        return covariance;
    }

    /// <summary>Number of segments.</summary>
    public int Segments => _segments;

    private int LengthOf(int segment) => Math.Min(SegmentLength, ReductionLength - segment * SegmentLength);

    // One window, in the order of the weights: channel, row, column.
    private void Row(int[] map, int pixel, Shape output, int group, Span<float> row)
    {
        KernelWindow g = _conv.Geometry;
        int channels = _input.Channels / _conv.Groups, taps = (int)g.Taps;
        int y = pixel / output.Width * g.StrideY - g.PadTop, x = pixel % output.Width * g.StrideX - g.PadLeft;
        for (int r = 0; r < g.KernelRows; r++)
        {
            int inputY = y + r * g.DilationY;
            if (inputY < 0 || inputY >= _input.Height)
                continue;
            for (int s = 0; s < g.KernelColumns; s++)
            {
                int inputX = x + s * g.DilationX;
                if (inputX < 0 || inputX >= _input.Width)
                    continue;
                ReadOnlySpan<int> source = map.AsSpan((inputY * _input.Width + inputX) * _input.Channels + group * channels, channels);
                for (int c = 0, column = r * g.KernelColumns + s; c < channels; c++, column += taps)
                    row[column + column / SegmentLength * (_paddedSegment - SegmentLength)] = source[c];
            }
        }
    }

    private void Multiply(float[] x, int rows, int segment, double[] gram, ParallelOptions parallel)
    {
        Parallel.For(0, _paddedSegment / 4, parallel, block =>
        {
            int i = 4 * block, lanes = Vector<float>.Count;
            ref float origin = ref x[segment * _paddedSegment];
            for (int j = i / (2 * lanes) * (2 * lanes); j < _paddedSegment; j += 2 * lanes)
            {
                Vector<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default,
                    d1 = default;
                for (int r = 0; r < rows; r++)
                {
                    nuint at = (nuint)(r * _width);
                    Vector<float> u = Vector.LoadUnsafe(ref origin, at + (nuint)j),
                        v = Vector.LoadUnsafe(ref origin, at + (nuint)(j + lanes));
                    ReadOnlySpan<float> four = MemoryMarshal.CreateReadOnlySpan(ref x[r * _width + segment * _paddedSegment + i], 4);
                    Vector<float> w = new(four[0]);
                    a0 += w * u;
                    a1 += w * v;
                    w = new(four[1]);
                    b0 += w * u;
                    b1 += w * v;
                    w = new(four[2]);
                    c0 += w * u;
                    c1 += w * v;
                    w = new(four[3]);
                    d0 += w * u;
                    d1 += w * v;
                }

                for (int lane = 0; lane < lanes; lane++)
                {
                    int at = i * _paddedSegment + j + lane;
                    gram[at] += a0[lane];
                    gram[at + lanes] += a1[lane];
                    gram[at + _paddedSegment] += b0[lane];
                    gram[at + _paddedSegment + lanes] += b1[lane];
                    gram[at + 2 * _paddedSegment] += c0[lane];
                    gram[at + 2 * _paddedSegment + lanes] += c1[lane];
                    gram[at + 3 * _paddedSegment] += d0[lane];
                    gram[at + 3 * _paddedSegment + lanes] += d1[lane];
                }
            }
        });
    }

    private void MultiplyErrors(float[] x, ReadOnlyMemory<(int Image, int Sample)> block, float[][] errors, Shape output, int group,
        ParallelOptions parallel)
    {
        int outputs = _conv.OutputChannels / _conv.Groups;
        Parallel.For(0, outputs, parallel, i =>
        {
            int k = group * outputs + i;
            Vector<float>[] sums = new Vector<float>[_width / Vector<float>.Count];
            double total = 0;
            ReadOnlySpan<(int Image, int Sample)> samples = block.Span;
            for (int r = 0; r < samples.Length; r++)
            {
                float error = errors[samples[r].Image][samples[r].Sample * output.Channels + k];
                total += error;
                ReadOnlySpan<Vector<float>> row = MemoryMarshal.Cast<float, Vector<float>>(x.AsSpan(r * _width, _width));
                Vector<float> factor = new(error);
                for (int j = 0; j < row.Length; j++)
                    sums[j] += factor * row[j];
            }

            _errorSums[k] += total;
            ReadOnlySpan<float> columns = MemoryMarshal.Cast<Vector<float>, float>(sums);
            for (int j = 0; j < columns.Length; j++)
                _cross[k * _width + j] += columns[j];
        });
    }
}

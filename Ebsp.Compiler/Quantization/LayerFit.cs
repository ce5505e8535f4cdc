using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Fits how one layer's output is stored: the scale and the requantisation of each form.</summary>
internal sealed class LayerFit
{
    private readonly CalibrationMaps _maps;
    private readonly QuantizerOptions _options;
    private readonly float[][] _floatA;
    private readonly float[][]? _floatB;
    private readonly string? _plainB;
    private readonly double _scaleB;
    private readonly double _reachB;
    private readonly double[] _offset;
    private readonly int _channels;
    private MagnitudeHistogram _histogram = new(0);

    public LayerFit(Graph graph, LayerStep step, CalibrationMaps maps, IReadOnlyDictionary<string, StoredTensor> stored, QuantizerOptions options, Func<string, TensorType> typeOf)
    {
        Step = step;
        _maps = maps;
        _options = options;
        _channels = graph.TypeOf(step.Output).Shape.Channels;
        _offset = (double[])step.Offset.Clone();
        if (step.Producer is { } producer)
            _floatA = RunFloat(producer.Op, graph.TypeOf(producer.Inputs[0]).Shape, graph.TypeOf(producer.Output).Shape, maps, maps.Real(producer.Inputs[0]));
        else
            _floatA = maps.Real(step.A);
        if (step.B is not null)
        {
            _floatB = maps.Real(step.B);
            _plainB = stored[step.B].Plain!;
            _scaleB = typeOf(_plainB).Scale * step.FactorB;
            _reachB = Math.ScaleB(1, typeOf(_plainB).Format!.Value.MagnitudeBits);
        }

        IsUnsigned = step.Minimum >= 0 || (step.FactorA.All(factor => factor >= 0) && step.Offset.All(offset => offset >= 0)
            && SourceIsUnsigned(step.Producer is { Op: AveragePool } pool ? pool.Inputs[0] : step.Producer is null ? step.A : null)
            && (step.B is null || (step.FactorB >= 0 && SourceIsUnsigned(step.B))));

        bool SourceIsUnsigned(string? tensor) => tensor is not null && stored[tensor].IsUnsigned;
    }

    /// <summary>What is fitted.</summary>
    public LayerStep Step { get; }

    /// <summary>Whether no output is below zero, whatever the image.</summary>
    public bool IsUnsigned { get; }

    /// <summary>Runs a float operation on all images.</summary>
    public static float[][] RunFloat(Op op, Shape input, Shape output, CalibrationMaps maps, float[][] from)
    {
        IFloatKernel kernel = FloatKernels.For(op, input, output);
        return maps.ForEach(n =>
        {
            float[] result = new float[output.Elements];
            kernel.Run([from[n]], result, new float[kernel.ScratchElements]);
            return result;
        });
    }

    /// <summary>What A should be where B is what is really stored: the float value, and what the stored skip tensor lacks, in units of A.</summary>
    public double Wanted(int n, int i)
    {
        int c = i % _channels;
        double skipped = _floatB is null || Step.FactorA[c] == 0 ? 0
            : (_floatB[n][i] * Step.FactorB - _maps.Integer(_plainB!)[n][i] * _scaleB) / Step.FactorA[c];
        return _floatA[n][i] + skipped;
    }

    /// <summary>Takes what the layer gives before it is stored, and corrects its mean where no bias did.</summary>
    /// <param name="a">The accumulator or stored tensor.</param>
    /// <param name="units">Real output for one of a, by channel; null where windows differ, and the float values serve.</param>
    public void Measure(string a, double[]? units)
    {
        int[][] integers = _maps.Integer(a);
        float[][] values = _maps.ForEach(n =>
        {
            float[] map = new float[integers[n].Length];
            for (int i = 0; i < map.Length; i++)
            {
                int c = i % _channels;
                double b = _floatB is null ? 0 : _maps.Integer(_plainB!)[n][i] * _scaleB;
                map[i] = (float)(units is null ? RealSum(n, i) : integers[n][i] * units[c] + b + _offset[c]);
            }

            return map;
        });
        if (_options.BiasCorrection && Step.Producer?.Op is not (Conv or FullyConnected))
            CorrectOffset(values);
        foreach (float[] map in values)
        {
            for (int i = 0; i < map.Length; i++)
                map[i] = Math.Clamp(map[i], Step.Minimum, Step.Maximum);
        }

        _histogram = new MagnitudeHistogram(values.Max(each => each.Max(Math.Abs)));
        _maps.ForEach(n =>
        {
            _histogram.Add(values[n]);
            return 0;
        });
    }

    private void CorrectOffset(float[][] values)
    {
        double[] lacking = MeanByChannel(_maps, _channels, values[0].Length, (n, i) => RealSum(n, i) - values[n][i]);
        for (int c = 0; c < lacking.Length; c++)
            _offset[c] += lacking[c];
        foreach (float[] map in values)
        {
            for (int i = 0; i < map.Length; i++)
                map[i] += (float)lacking[i % _channels];
        }
    }

    /// <summary>Mean over all images and pixels of something, added image by image in order.</summary>
    public static double[] MeanByChannel(CalibrationMaps maps, int channels, int elements, Func<int, int, double> valueOf)
    {
        double[][] sums = maps.ForEach(n =>
        {
            double[] sum = new double[channels];
            for (int i = 0; i < elements; i++)
                sum[i % channels] += valueOf(n, i);
            return sum;
        });
        double count = (double)maps.Count * elements / channels;
        return [.. Enumerable.Range(0, channels).Select(c => sums.Sum(sum => sum[c]) / count)];
    }

    /// <summary>The scale of a form.</summary>
    public double Scale(PatternFormat format) => ScaleSearch.Best(_histogram, format);

    /// <summary>One scale for all scores: none can leave 24 bits, which float32 holds exactly.</summary>
    public double ScoreScale(double[] units, double[] reach)
    {
        double largest = 0;
        for (int c = 0; c < units.Length; c++)
            largest = Math.Max(largest, Math.Abs(units[c]) * reach[reach.Length == 1 ? 0 : c]);
        largest += Math.Abs(_scaleB) * _reachB + _offset.Max(Math.Abs);
        return largest == 0 ? 1 : largest / (1 << 24);
    }

    /// <summary>The requantisation that stores a form; null if no shift fits.</summary>
    public Requantise? Requantise(double[] units, double[] reach, bool byCount, PatternFormat format, double scale)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        int lo = Bound(Step.Minimum), hi = Bound(Step.Maximum);
        return RequantiseFit.Fit([.. units.Select(unit => unit / scale)], reach, _scaleB / scale, _reachB,
            [.. _offset.Select(offset => offset / scale)], byCount, lo, hi, format);

        int Bound(float bound) => (int)Math.Clamp(Math.Round(bound / scale), format.Signed ? -limit : 0, limit);
    }

    /// <summary>Power of the float output over that of its error, in dB.</summary>
    public double SignalToNoise(int[][] maps, double scale) => SignalToNoise(_maps, maps, scale, RealOutput);

    /// <summary>Power of real values over that of the error of integers on a scale, in dB.</summary>
    public static double SignalToNoise(CalibrationMaps images, int[][] maps, double scale, Func<int, int, double> realOf)
    {
        (double Signal, double Noise)[] sums = images.ForEach(n =>
        {
            double signal = 0, noise = 0;
            for (int i = 0; i < maps[n].Length; i++)
            {
                double real = realOf(n, i), difference = real - maps[n][i] * scale;
                signal += real * real;
                noise += difference * difference;
            }

            return (signal, noise);
        });
        return 10 * Math.Log10(sums.Sum(each => each.Signal) / Math.Max(sums.Sum(each => each.Noise), 1e-300));
    }

    /// <summary>Keeps the float output for the layers behind.</summary>
    public void KeepReal() => _maps.Set(Step.Output, _maps.ForEach(n =>
    {
        float[] real = new float[_floatA[n].Length];
        for (int i = 0; i < real.Length; i++)
            real[i] = (float)RealOutput(n, i);
        return real;
    }));

    private double RealOutput(int n, int i) => Math.Clamp(RealSum(n, i), Step.Minimum, Step.Maximum);

    private double RealSum(int n, int i)
    {
        int c = i % _channels;
        return _floatA[n][i] * Step.FactorA[c] + (_floatB is null ? 0 : _floatB[n][i] * Step.FactorB) + Step.Offset[c];
    }
}

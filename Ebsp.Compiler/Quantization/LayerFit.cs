using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Fits how one layer's output is stored: the scale and the requantization of each form.</summary>
internal sealed class LayerFit
{
    private readonly CalibrationMaps _maps;
    private readonly QuantizerOptions _options;
    private readonly float[][] _floatA;
    private readonly float[][]? _floatB;
    private string? _plainB;
    private double _scaleB;
    private double _reachB;
    private readonly double[] _offset;
    private readonly int _channels;
    private MagnitudeHistogram _histogram = new(0);

    public LayerFit(Graph graph, LayerStep step, CalibrationMaps maps, IReadOnlyDictionary<string, StoredTensor> stored,
        QuantizerOptions options, Func<string, TensorType> typeOf)
    {
        Step = step;
        _maps = maps;
        _options = options;
        _channels = graph.TypeOf(step.Output).Shape.Channels;
        _offset = (double[])step.Offset.Clone();
        if (step.Producer is { } producer)
            _floatA = RunFloat(producer.Op, graph.TypeOf(producer.Inputs[0]).Shape, graph.TypeOf(producer.Output).Shape, maps,
                maps.Real(producer.Inputs[0]));
        else
            _floatA = (float[][])maps.Real(step.A).Clone();
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

    /// <summary>What A should be in an image where B is what is really stored: the float value, and what the stored skip tensor lacks, in
    /// units of A.</summary>
    public float[] Wanted(int n)
    {
        float[] a = _floatA[n];
        if (_floatB is null)
            return a;
        float[] b = _floatB[n], wanted = new float[a.Length];
        int[] stored = _maps.Integer(_plainB!, n);
        for (int first = 0; first < a.Length; first += _channels)
        {
            for (int c = 0, i = first; c < _channels; c++, i++)
                wanted[i] = Step.FactorA[c] == 0 ? a[i] : (float)(a[i] + (b[i] * Step.FactorB - stored[i] * _scaleB) / Step.FactorA[c]);
        }

        return wanted;
    }

    /// <summary>Takes what the layer gives before it is stored, and corrects its mean where no bias did.</summary>
    /// <param name="a">The accumulator or stored tensor.</param>
    /// <param name="units">Real output for one of a, by channel; null where windows differ, and the float values serve.</param>
    public void Measure(string a, double[]? units)
    {
        if (_maps.Count == 0)
            return;
        if (_options.BiasCorrection && Step.Producer?.Op is not (Conv or FullyConnected) && units is not null)
        {
            double[] lacking = MeanByChannel(_maps, _channels, _floatA[0].Length, n =>
            {
                float[] real = RealSum(n), sum = Sum(a, units, n);
                for (int i = 0; i < sum.Length; i++)
                    sum[i] = real[i] - sum[i];
                return sum;
            });
            for (int c = 0; c < lacking.Length; c++)
                _offset[c] += lacking[c];
        }

        // The values of all images never lie in memory at once: first their largest, then their histogram.
        _histogram = new MagnitudeHistogram(_maps.ForEach(n => Largest(Values(n))).Max());
        _maps.ForEach(n =>
        {
            _histogram.Add(Values(n));
            return 0;
        });

        float[] Values(int n)
        {
            float[] map = units is null ? RealSum(n) : Sum(a, units, n);
            for (int i = 0; i < map.Length; i++)
                map[i] = Math.Clamp(map[i], Step.Minimum, Step.Maximum);
            return map;
        }
    }

    /// <summary>Mean over all images and pixels of something, added image by image in order.</summary>
    public static double[] MeanByChannel(CalibrationMaps maps, int channels, int elements, Func<int, float[]> valuesOf)
    {
        double[][] sums = maps.ForEach(n =>
        {
            float[] values = valuesOf(n);
            double[] sum = new double[channels];
            for (int first = 0; first < elements; first += channels)
            {
                for (int c = 0; c < channels; c++)
                    sum[c] += values[first + c];
            }

            return sum;
        });
        double count = (double)maps.Count * elements / channels;
        return [.. Enumerable.Range(0, channels).Select(c => sums.Sum(sum => sum[c]) / count)];
    }

    /// <summary>The scale of a form.</summary>
    /// <exception cref="EbspException">EBSP2021: there are neither images nor a range.</exception>
    public double Scale(PatternFormat format, int terms)
    {
        NearestTable nearest = NearestTable.Of(format, terms);
        if (Step.Range is { } range)
            return range / nearest.Largest;
        return _maps.Count != 0 ? ScaleSearch.By(_options.Clip, _histogram, nearest)
            : throw DiagnosticDescriptors.NotQuantized.Error(null, Step.Output, "without calibration images, a quantization of the tensor");
    }

    /// <summary>What a form makes of the output.</summary>
    public OperandReport Report(PatternFormat format, int terms, double scale) => _histogram.Report(format, terms, scale);

    /// <summary>
    /// The requantization that stores what one of several accumulating passes gives, with all that is added to it, in 16 bits; what comes
    /// after it adds that tensor instead.
    /// </summary>
    /// <param name="a">Accumulator of the pass.</param>
    /// <param name="units">Real output for one of a: [C].</param>
    /// <param name="reach">Largest |a|: [C].</param>
    /// <param name="store">From the requantization, its second input or null, and the scale to the name of the tensor.</param>
    public void StorePass(string a, double[] units, double[] reach, Func<Requantize?, string?, double, string> store)
    {
        // Other images may reach twice as far before the sum saturates; half a step is then 90 dB below the largest. Without images: half
        // the bound.
        const int Limit = short.MaxValue;
        double largest = _maps.Count != 0 ? _maps.ForEach(n => Largest(Sum(a, units, n))).Max()
            : (units.Zip(reach).Max(pair => Math.Abs(pair.First) * pair.Second) + Math.Abs(_scaleB) * _reachB + _offset.Max(Math.Abs)) / 2;
        double scale = largest == 0 ? 1 : 2 * largest / Limit;
        Requantize? op = RequantizeFit.Fit([.. units.Select(unit => unit / scale)], reach, _scaleB / scale, _reachB,
            [.. _offset.Select(offset => offset / scale)], false, -Limit, Limit, PatternFormat.Int16);
        _plainB = store(op, _plainB, scale);
        _scaleB = scale;
        _reachB = Limit;
        Array.Clear(_offset);
    }

    /// <summary>Tensor that is added to A, or null.</summary>
    public string? Second => _plainB;

    /// <summary>One scale for all scores: none can leave 24 bits, which float32 holds exactly.</summary>
    public double ScoreScale(double[] units, double[] reach)
    {
        double largest = 0;
        for (int c = 0; c < units.Length; c++)
            largest = Math.Max(largest, Math.Abs(units[c]) * reach[reach.Length == 1 ? 0 : c]);
        largest += Math.Abs(_scaleB) * _reachB + _offset.Max(Math.Abs);
        return largest == 0 ? 1 : largest / (1 << 24);
    }

    /// <summary>The requantization that stores a form; null if no shift fits.</summary>
    public Requantize? Requantize(double[] units, double[] reach, bool byCount, PatternFormat format, double scale)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        int lo = Bound(Step.Minimum), hi = Bound(Step.Maximum);
        return RequantizeFit.Fit([.. units.Select(unit => unit / scale)], reach, _scaleB / scale, _reachB,
            [.. _offset.Select(offset => offset / scale)], byCount, lo, hi, format);

        int Bound(float bound) => (int)Math.Clamp(Math.Round(bound / scale), format.Signed ? -limit : 0, limit);
    }

    /// <summary>Power of the float output over that of its error, in dB.</summary>
    public double SignalToNoise(string tensor, double scale) => SignalToNoise(_maps, tensor, scale, n => RealOutput(RealSum(n)));

    /// <summary>Power of real values over that of the error of integers on a scale, in dB.</summary>
    public static double SignalToNoise(CalibrationMaps maps, string tensor, double scale, Func<int, float[]> realOf)
    {
        if (maps.Count == 0)
            return double.NaN;
        (double Signal, double Noise)[] sums = maps.ForEach(n =>
        {
            int[] map = maps.Integer(tensor, n);
            float[] wanted = realOf(n);
            double signal = 0, noise = 0;
            for (int i = 0; i < map.Length; i++)
            {
                double real = wanted[i], difference = real - map[i] * scale;
                signal += real * real;
                noise += difference * difference;
            }

            return (signal, noise);
        });
        return 10 * Math.Log10(sums.Sum(each => each.Signal) / Math.Max(sums.Sum(each => each.Noise), 1e-300));
    }

    /// <summary>Keeps the float output for the layers behind; nothing can be fitted afterwards.</summary>
    public void KeepReal() => _maps.Set(Step.Output, _maps.ForEach(n =>
    {
        float[] real = RealSum(n);
        _floatA[n] = [];
        return RealOutput(real);
    }));

    private float[] RealOutput(float[] sum)
    {
        for (int i = 0; i < sum.Length; i++)
            sum[i] = Math.Clamp(sum[i], Step.Minimum, Step.Maximum);
        return sum;
    }

    private float[] RealSum(int n)
    {
        float[] a = _floatA[n], sum = new float[a.Length];
        float[]? b = _floatB?[n];
        for (int first = 0; first < a.Length; first += _channels)
        {
            for (int c = 0, i = first; c < _channels; c++, i++)
                sum[i] = (float)(a[i] * Step.FactorA[c] + (b is null ? 0 : b[i] * Step.FactorB) + Step.Offset[c]);
        }

        return sum;
    }

    // Real output of an image before the clamp.
    private float[] Sum(string a, double[] units, int n)
    {
        int[] integers = _maps.Integer(a, n);
        int[]? second = _plainB is null ? null : _maps.Integer(_plainB, n);
        float[] sum = new float[integers.Length];
        for (int first = 0; first < sum.Length; first += _channels)
        {
            for (int c = 0, i = first; c < _channels; c++, i++)
                sum[i] = (float)(integers[i] * units[units.Length == 1 ? 0 : c] + (second is null ? 0 : second[i] * _scaleB) + _offset[c]);
        }

        return sum;
    }

    private static double Largest(float[] values)
    {
        float largest = 0;
        foreach (float value in values)
            largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}

using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>What a layer gives on the calibration images, in floats and as it is stored: the scale of each form follows.</summary>
internal sealed class LayerFit
{
    private readonly LayerStep _step;
    private readonly CalibrationMaps _maps;
    private readonly QuantizerOptions _options;
    private readonly float[][] _floatA;
    private readonly float[][]? _floatB;
    private readonly IntegerTensor? _plainB;
    private readonly int _channels;
    private MagnitudeHistogram _histogram = new(0);

    /// <summary>Runs the float layer.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="step">The layer.</param>
    /// <param name="maps">Calibration tensors.</param>
    /// <param name="second">The stored tensor that it adds, or null.</param>
    /// <param name="options">The measures.</param>
    public LayerFit(Graph graph, LayerStep step, CalibrationMaps maps, IntegerTensor? second, QuantizerOptions options)
    {
        _step = step;
        _maps = maps;
        _options = options;
        _channels = step.FactorA.Length;
        if (step.Producer is { } producer)
            _floatA = RunFloat(producer.Op, graph.TypeOf(producer.Inputs[0]).Shape, graph.TypeOf(producer.Output).Shape, maps,
                maps.Real(producer.Inputs[0]));
        else
            _floatA = (float[][])maps.Real(step.A).Clone();
        if (_floatA.Any(map => map.Any(value => !(Math.Abs(value) < InputCoding.MostMagnitude))))
            throw DiagnosticDescriptors.CalibrationMisfit.Error(null, step.Producer?.Name ?? step.Output,
                $"its float output has values of magnitude {InputCoding.MostMagnitude:0e+0} or more on the calibration images, which " +
                $"float32 cannot go on with");
        _floatB = step.B is null ? null : maps.Real(step.B);
        _plainB = second;
    }

    /// <summary>What is fitted.</summary>
    public LayerStep Step => _step;

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
        int[] stored = _maps.Integer(_plainB!.Name, n);
        double scaleB = _plainB.Type.Scale * _step.FactorB;
        for (int first = 0; first < a.Length; first += _channels)
        {
            for (int c = 0, i = first; c < _channels; c++, i++)
                wanted[i] = _step.FactorA[c] == 0 ? a[i] : (float)(a[i] + (b[i] * _step.FactorB - stored[i] * scaleB) / _step.FactorA[c]);
        }

        return wanted;
    }

    /// <summary>Takes what the layer gives before it is stored, and corrects its mean where no bias did.</summary>
    /// <param name="sum">What is requantized; where windows differ, the float values serve.</param>
    /// <returns>What is added to each channel.</returns>
    public ImmutableArray<double> Measure(RealSum sum)
    {
        if (_options.BiasCorrection && _step.Producer?.Op is not (Conv or FullyConnected) && !sum.ByValidCount)
        {
            double[] lacking = MeanByChannel(_maps, _channels, _floatA[0].Length, n =>
            {
                float[] real = RealSum(n), given = Sum(sum, n);
                for (int i = 0; i < given.Length; i++)
                    given[i] = real[i] - given[i];
                return given;
            });
            sum = sum with { Offsets = [.. sum.Offsets.Select((offset, c) => offset + lacking[c])] };
        }

        // The values of all images never lie in memory at once: first their largest, then their histogram.
        _histogram = new MagnitudeHistogram(_maps.ForEach(n => Largest(Values(n))).Max());
        _maps.ForEach(n =>
        {
            _histogram.Add(Values(n));
            return 0;
        });
        return sum.Offsets;

        float[] Values(int n) => Clamped(sum.ByValidCount ? RealSum(n) : Sum(sum, n));
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
    public double Scale(PatternFormat format, int terms) => ScaleSearch.By(_options.Clip, _histogram, NearestTable.Of(format, terms));

    /// <summary>What a form makes of the output.</summary>
    public OperandReport Report(PatternFormat format, int terms, double scale) => _histogram.Report(format, terms, scale);

    /// <summary>Largest magnitude of a sum.</summary>
    public double LargestOf(RealSum sum) => _maps.ForEach(n => Largest(Sum(sum, n))).Max();

    /// <summary>The float output of an image.</summary>
    public float[] Real(int n) => Clamped(RealSum(n));

    /// <summary>Power of real values over that of the error of integers on a scale, in dB.</summary>
    public static double SignalToNoise(CalibrationMaps maps, Func<int, int[]> integersOf, double scale, Func<int, float[]> realOf)
    {
        (double Signal, double Noise)[] sums = maps.ForEach(n =>
        {
            int[] map = integersOf(n);
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
        return Decibels.Of(sums.Sum(each => each.Signal), Math.Max(sums.Sum(each => each.Noise), 1e-300));
    }

    /// <summary>Keeps the float output for the layers behind; nothing can be fitted afterwards.</summary>
    public void KeepReal() => _maps.Set(_step.Output, _maps.ForEach(n =>
    {
        float[] real = Real(n);
        _floatA[n] = [];
        return real;
    }));

    private float[] Clamped(float[] sum)
    {
        for (int i = 0; i < sum.Length; i++)
            sum[i] = Math.Clamp(sum[i], _step.Minimum, _step.Maximum);
        return sum;
    }

    private float[] RealSum(int n)
    {
        float[] a = _floatA[n], sum = new float[a.Length];
        float[]? b = _floatB?[n];
        for (int first = 0; first < a.Length; first += _channels)
        {
            for (int c = 0, i = first; c < _channels; c++, i++)
                sum[i] = (float)(a[i] * _step.FactorA[c] + (b is null ? 0 : b[i] * _step.FactorB) + _step.Offset[c]);
        }

        return sum;
    }

    // What a sum of integers is in an image.
    private float[] Sum(RealSum from, int n)
    {
        int[] integers = _maps.Integer(from.A, n);
        int[]? second = from.B is null ? null : _maps.Integer(from.B, n);
        float[] sum = new float[integers.Length];
        for (int first = 0; first < sum.Length; first += _channels)
        {
            for (int c = 0, i = first; c < _channels; c++, i++)
                sum[i] = (float)(integers[i] * from.Units[from.Units.Length == 1 ? 0 : c] + (second is null ? 0 : second[i] * from.UnitB)
                    + from.Offsets[c]);
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

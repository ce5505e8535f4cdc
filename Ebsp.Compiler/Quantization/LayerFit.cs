using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>A convolution in integers with what it gives on the calibration images.</summary>
/// <param name="Op">The operation.</param>
/// <param name="Scales">Real weight of one unit, by output channel.</param>
/// <param name="Accumulators">Its output, H, W, K.</param>
internal sealed record FittedConv(IntegerConv Op, double[] Scales, int[][] Accumulators);

/// <summary>Fits one layer: weights and bias, then the scale of each form of its output.</summary>
internal sealed class LayerFit
{
    private const int StatisticsRows = 1 << 16;

    private readonly Graph _graph;
    private readonly LayerStep _step;
    private readonly CalibrationMaps _maps;
    private readonly QuantizerOptions _options;
    private readonly float[][] _floatA;
    private readonly float[][]? _floatB;
    private readonly string? _plainB;
    private readonly double _scaleB;
    private readonly double[] _offset;
    private readonly int _channels;
    private float[][] _values = [];
    private MagnitudeHistogram _histogram = new(0);

    public LayerFit(Graph graph, LayerStep step, CalibrationMaps maps, IReadOnlyDictionary<string, StoredTensor> stored, QuantizerOptions options, Func<string, TensorType> typeOf)
    {
        _graph = graph;
        _step = step;
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
        }

        IsUnsigned = step.Minimum >= 0 || (step.FactorA.All(factor => factor >= 0) && step.Offset.All(offset => offset >= 0)
            && SourceIsUnsigned(step.Producer is { Op: AveragePool } pool ? pool.Inputs[0] : step.Producer is null ? step.A : null)
            && (step.B is null || (step.FactorB >= 0 && SourceIsUnsigned(step.B))));

        bool SourceIsUnsigned(string? tensor) => tensor is not null && stored[tensor].IsUnsigned;
    }

    /// <summary>Whether no output is below zero, whatever the image.</summary>
    public bool IsUnsigned { get; }

    /// <summary>Runs a float operation on all images.</summary>
    public static float[][] RunFloat(Op op, Shape input, Shape output, CalibrationMaps maps, float[][] from)
    {
        IFloatKernel kernel = FloatKernels.For(op, input, output);
        return maps.ForEach(n =>
        {
            float[] result = new float[output.Elements];
            kernel.Run(from[n], from[n], result, new float[kernel.ScratchElements]);
            return result;
        });
    }

    /// <summary>Weights and bias of the layer's convolution.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="inputScale">Its scale.</param>
    /// <param name="format">Format of the weights.</param>
    public FittedConv Convolution(StoredTensor input, double inputScale, PatternFormat format)
    {
        Node node = _step.Producer!;
        Shape shape = _graph.TypeOf(node.Inputs[0]).Shape, output = _graph.TypeOf(node.Output).Shape;
        Conv conv = node.Op as Conv ?? AsConv((FullyConnected)node.Op, shape);
        int[][] maps = _maps.Integer(input.Multiplied!);
        int outputs = conv.OutputChannels, row = conv.Weights.Length / outputs, perGroup = outputs / conv.Groups;
        double[][] weights = [.. Enumerable.Range(0, outputs).Select(k => conv.Weights.AsSpan(k * row, row).ToArray().Select(w => (double)w).ToArray())];
        InputStatistics? statistics = null;
        if (_options.ErrorFeedback || _options.Refit)
        {
            statistics = new InputStatistics(conv, shape);
            statistics.Add(maps, _options.Refit ? Lacking(conv, shape, output, maps, inputScale) : null, output, StatisticsRows, _options.Threads);
            if (_options.Refit)
                Refit(statistics, conv, weights, inputScale);
        }

        WeightSolver[] solvers = [.. Enumerable.Range(0, conv.Groups).Select(group => new WeightSolver(format,
            !_options.ErrorFeedback ? [] : [.. Enumerable.Range(0, statistics!.Segments).Select(segment => statistics.Covariance(group, segment, _options.Damping))]))];
        ChannelWeights[] solved = new ChannelWeights[outputs];
        double[] least = [.. conv.Bias.Select(bias => Math.Abs(bias) / (inputScale * Verifier.MaxBias * 0.5))];
        Parallel.For(0, outputs, new ParallelOptions { MaxDegreeOfParallelism = _options.Threads },
            k => solved[k] = solvers[k / perGroup].Solve(weights[k], least[k]));
        // Channels of zeros, or nearly, take their part of the largest scale.
        double floor = solved.Zip(weights).Where(pair => pair.Second.Any(w => w != 0)).Select(pair => pair.First.Scale).DefaultIfEmpty(0).Max() * Math.ScaleB(1, -16);
        for (int k = 0; k < outputs; k++)
        {
            double scale = Math.Max(solved[k].Scale, floor > 0 ? floor : Math.Max(1, least[k]));
            if (scale != solved[k].Scale)
                solved[k] = new ChannelWeights(scale, solvers[k / perGroup].Round(weights[k], scale));
        }

        return Biased(conv, shape, maps, solved, inputScale, format);
    }

    private FittedConv Biased(Conv conv, Shape shape, int[][] maps, ChannelWeights[] solved, double inputScale, PatternFormat format)
    {
        IntegerConv op = new(conv.OutputChannels, conv.Geometry, conv.Groups, format,
            [.. solved.SelectMany(each => each.Values).Select(value => (sbyte)value)], [.. new int[conv.OutputChannels]]);
        MapConvolution<int> run = new(shape, op.OutputChannels, op.Geometry, op.Groups, op.Weights.Select(w => (int)w).ToArray(), op.Bias.AsSpan());
        int[][] accumulators = _maps.ForEach(n => run.Run(maps[n]));
        double[] bias = [.. conv.Bias.Select(b => (double)b)];
        if (_options.BiasCorrection)
        {
            double[] lacking = MeanLacking(accumulators, [.. solved.Select(each => each.Scale * inputScale)]);
            for (int k = 0; k < bias.Length; k++)
                bias[k] = lacking[k];
        }

        int[] integers = [.. bias.Select((b, k) => (int)Math.Clamp(Math.Round(b / (solved[k].Scale * inputScale)), -Verifier.MaxBias, Verifier.MaxBias))];
        foreach (int[] map in accumulators)
        {
            for (int i = 0; i < map.Length; i++)
                map[i] += integers[i % integers.Length];
        }

        return new FittedConv(op with { Bias = [.. integers] }, [.. solved.Select(each => each.Scale)], accumulators);
    }

    // Mean over images and pixels of what accumulators without bias lack.
    private double[] MeanLacking(int[][] accumulators, double[] units)
    {
        double[][] sums = _maps.ForEach(n =>
        {
            double[] sum = new double[_channels];
            for (int i = 0; i < accumulators[n].Length; i++)
            {
                int c = i % _channels;
                sum[c] += _floatA[n][i] + Skipped(n, i, c) - accumulators[n][i] * units[c];
            }

            return sum;
        });
        double[] mean = new double[_channels];
        foreach (double[] sum in sums)
        {
            for (int c = 0; c < mean.Length; c++)
                mean[c] += sum[c];
        }

        double count = (double)accumulators.Length * accumulators[0].Length / _channels;
        return [.. mean.Select(sum => sum / count)];
    }

    // What the stored skip tensor lacks of the float one, in units of A.
    private double Skipped(int n, int i, int c) => _floatB is null || _step.FactorA[c] == 0 ? 0
        : (_floatB[n][i] * _step.FactorB - _maps.Integer(_plainB!)[n][i] * _scaleB) / _step.FactorA[c];

    // What the float layer lacks on the quantised input, by pixel.
    private float[][] Lacking(Conv conv, Shape shape, Shape output, int[][] maps, double inputScale)
    {
        IFloatKernel kernel = FloatKernels.For(conv, shape, output);
        return _maps.ForEach(n =>
        {
            float[] real = Array.ConvertAll(maps[n], value => (float)(value * inputScale)), result = new float[output.Elements];
            kernel.Run(real, real, result, new float[kernel.ScratchElements]);
            for (int i = 0; i < result.Length; i++)
                result[i] = (float)(_floatA[n][i] + Skipped(n, i, i % _channels) - result[i]);
            return result;
        });
    }

    private void Refit(InputStatistics statistics, Conv conv, double[][] weights, double inputScale)
    {
        int perGroup = conv.OutputChannels / conv.Groups;
        // A fit on few rows follows their noise: it is held back the more the fewer there are.
        double damping = _options.RefitDamping + (double)statistics.ReductionLength / statistics.Rows;
        for (int group = 0; group < conv.Groups; group++)
        {
            int start = 0;
            for (int segment = 0; segment < statistics.Segments; segment++)
            {
                double[][] factor = Cholesky.Factor(statistics.Covariance(group, segment, damping));
                int first = start;
                Parallel.For(group * perGroup, (group + 1) * perGroup, new ParallelOptions { MaxDegreeOfParallelism = _options.Threads }, k =>
                {
                    double[] change = Cholesky.Solve(factor, statistics.ErrorCovariance(k, segment));
                    for (int i = 0; i < change.Length; i++)
                        weights[k][first + i] += change[i] / inputScale;
                });
                start += factor.Length;
            }
        }
    }

    /// <summary>Takes what the layer gives before it is stored, and corrects its mean where that is not in a bias.</summary>
    /// <param name="a">The accumulator or stored tensor.</param>
    /// <param name="units">Real output for one of a, by channel; null where windows differ.</param>
    public void Measure(string a, double[]? units)
    {
        int[][] integers = _maps.Integer(a);
        bool isConv = _step.Producer?.Op is Conv or FullyConnected;
        float[][] Values(Func<int, int, int, double> valueOf) => _maps.ForEach(n =>
        {
            float[] values = new float[integers[n].Length];
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)Math.Clamp(valueOf(n, i, i % _channels), _step.Minimum, _step.Maximum);
            return values;
        });
        _values = units is null
            ? Values((n, i, c) => _floatA[n][i] * _step.FactorA[c] + _offset[c])
            : Values((n, i, c) => integers[n][i] * units[units.Length == 1 ? 0 : c] + (_floatB is null ? 0 : _maps.Integer(_plainB!)[n][i] * _scaleB) + _offset[c]);
        _ = isConv;
        _histogram = new MagnitudeHistogram(_values.Max(each => each.Max(Math.Abs)));
        _maps.ForEach(n =>
        {
            _histogram.Add(_values[n]);
            return 0;
        });
    }

    /// <summary>The scale of a form.</summary>
    public double Scale(PatternFormat format) => ScaleSearch.Best(_histogram, format);

    /// <summary>One scale for all scores: none can leave 24 bits, which float32 holds exactly.</summary>
    public static double ScoreScale(double[] units, double[] reach)
    {
        double largest = 0;
        for (int c = 0; c < units.Length; c++)
            largest = Math.Max(largest, Math.Abs(units[c]) * reach[reach.Length == 1 ? 0 : c]);
        return largest == 0 ? 1 : largest / (1 << 24);
    }

    /// <summary>The requantisation that stores a form; null if no shift fits.</summary>
    public Requantise? Requantise(double[] units, double[] reach, bool byCount, PatternFormat format, double scale)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        int lo = Bound(_step.Minimum), hi = Bound(_step.Maximum);
        return RequantiseFit.Fit([.. units.Select(unit => unit / scale)], reach, _scaleB / scale, 1 << 15,
            [.. _offset.Select(offset => offset / scale)], byCount, lo, hi, format);

        int Bound(float bound) => (int)Math.Clamp(Math.Round(bound / scale), format.Signed ? -limit : 0, limit);
    }

    /// <summary>Power of the float output over that of its error, in dB.</summary>
    public double SignalToNoise(int[][] maps, double scale)
    {
        (double Signal, double Noise)[] sums = _maps.ForEach(n =>
        {
            double signal = 0, noise = 0;
            for (int i = 0; i < maps[n].Length; i++)
            {
                double real = RealOutput(n, i), difference = real - maps[n][i] * scale;
                signal += real * real;
                noise += difference * difference;
            }

            return (signal, noise);
        });
        return 10 * Math.Log10(sums.Sum(each => each.Signal) / Math.Max(sums.Sum(each => each.Noise), 1e-300));
    }

    /// <summary>Keeps the float output for the layers behind.</summary>
    public void KeepReal() => _maps.Set(_step.Output, _maps.ForEach(n =>
    {
        float[] real = new float[_floatA[n].Length];
        for (int i = 0; i < real.Length; i++)
            real[i] = (float)RealOutput(n, i);
        return real;
    }));

    private double RealOutput(int n, int i)
    {
        int c = i % _channels;
        double value = _floatA[n][i] * _step.FactorA[c] + (_floatB is null ? 0 : _floatB[n][i] * _step.FactorB) + _step.Offset[c];
        return Math.Clamp(value, _step.Minimum, _step.Maximum);
    }

    private static Conv AsConv(FullyConnected full, Shape input) =>
        new(full.OutputChannels, new WindowGeometry(input.Height, input.Width), 1, full.Weights, full.Bias);
}

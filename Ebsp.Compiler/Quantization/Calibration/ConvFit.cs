using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Compiler.Reference.IntegerOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Weights in integers, and what became of them.</summary>
/// <param name="Weights">Integers, scales and bias.</param>
/// <param name="Values">What the format made of them.</param>
internal sealed record FittedWeights(LayerWeights Weights, OperandReport Values);

/// <summary>Fits the weights and bias of a layer's convolution to what the float layer gives.</summary>
/// <param name="plan">The plan.</param>
/// <param name="step">The layer.</param>
/// <param name="inputScale">Real value of one unit of what it multiplies.</param>
/// <param name="options">The measures; all that need images are off where there are none.</param>
internal sealed class ConvFit(QuantizationPlan plan, LayerStep step, double inputScale, QuantizerOptions options)
{
    private const int StatisticsRows = 1 << 16;

    private readonly Conv _conv = plan.ConvolutionOf(step.Producer!);
    private readonly Shape _shape = plan.Graph.TypeOf(step.Producer!.Inputs[0]).Shape;
    private readonly Shape _output = plan.Graph.TypeOf(step.Producer!.Output).Shape;
    private readonly PatternFormat _format = step.Weights!.Value.WithSign(signed: true);

    /// <summary>Weights and bias by the float weights alone.</summary>
    public FittedWeights Run() => Run(null);

    /// <summary>Weights and bias by what the layer reads and should give on the calibration images.</summary>
    /// <param name="layer">What it should give.</param>
    /// <param name="maps">Calibration tensors.</param>
    /// <param name="operandOf">The integers that it multiplies in an image, terms added.</param>
    public FittedWeights Run(LayerFit layer, CalibrationMaps maps, Func<int, int[]> operandOf) =>
        Run(new Calibrated(layer, maps, operandOf));

    private FittedWeights Run(Calibrated? images)
    {
        NearestTable nearest = NearestTable.Of(_format, step.Weights!.Value.Terms);
        int outputs = _conv.OutputChannels, row = _conv.Weights.Length / outputs, perGroup = outputs / _conv.Groups;
        double[][] weights = [
            .. Enumerable.Range(0, outputs).Select(k => _conv.Weights.AsSpan(k * row, row).ToArray().Select(w => (double)w).ToArray())];
        InputStatistics? statistics = null;
        if (images is not null && (options.ErrorFeedback || options.Refit))
        {
            statistics = new InputStatistics(_conv, _shape);
            int[][] pixels = InputStatistics.Sample(images.Maps.Count, _output, StatisticsRows);
            statistics.Add(images.OperandOf, options.Refit ? Lacking(images, pixels) : null, pixels, _output, options.Threads);
            if (options.Refit)
                Refit(statistics, weights);
        }

        WeightSolver[] solvers = [.. Enumerable.Range(0, _conv.Groups).Select(group => new WeightSolver(nearest,
            statistics is null || !options.ErrorFeedback ? []
                : [.. Enumerable.Range(0, statistics.Segments)
                    .Select(segment => statistics.Covariance(group, segment, options.Damping))]))];
        ChannelWeights[] solved = new ChannelWeights[outputs];
        double[] least = [.. _conv.Bias.Select(bias => Math.Abs(bias) / (inputScale * Verifier.MaxBias * 0.5))];
        Parallel.For(0, outputs, new ParallelOptions { MaxDegreeOfParallelism = options.Threads },
            k => solved[k] = solvers[k / perGroup].Solve(weights[k], least[k]));
        // Channels of zeros, or nearly, take their part of the largest scale.
        double floor = solved.Zip(weights).Where(pair => pair.Second.Any(w => w != 0)).Select(pair => pair.First.Scale).DefaultIfEmpty(0)
            .Max() * Math.ScaleB(1, -16);
        for (int k = 0; k < outputs; k++)
        {
            double scale = Math.Max(solved[k].Scale, floor > 0 ? floor : Math.Max(1, least[k]));
            if (scale != solved[k].Scale)
                solved[k] = new ChannelWeights(scale, solvers[k / perGroup].Round(weights[k], scale));
        }

        double[] bias = images is not null && (options.BiasCorrection || options.Refit) ? Bias(images, solved)
            : [.. _conv.Bias.Select(b => (double)b)];
        return new FittedWeights(new LayerWeights(Values(solved), [.. solved.Select(each => each.Scale)], [.. bias.Select((b, k) =>
            (int)Math.Clamp(Math.Round(b / (solved[k].Scale * inputScale)), -Verifier.MaxBias, Verifier.MaxBias))]),
            Report(_conv, solved, _format, step.Weights!.Value.Terms));
    }

    private static ImmutableArray<sbyte> Values(ChannelWeights[] solved) =>
        [.. solved.SelectMany(each => each.Values).Select(value => (sbyte)value)];

    // The mean that the rounded weights leave to the bias: refitted weights have other means, and their bias goes with them.
    private double[] Bias(Calibrated images, ChannelWeights[] solved)
    {
        ConvReference run = new(new IntegerConv(_conv.OutputChannels, _conv.Geometry, _conv.Groups, _format, Values(solved),
            [.. new int[_conv.OutputChannels]]), _shape);
        double[] units = [.. solved.Select(each => each.Scale * inputScale)];
        int elements = (int)_output.Elements;
        return LayerFit.MeanByChannel(images.Maps, units.Length, elements, n =>
        {
            int[] accumulators = run.Run(images.OperandOf(n));
            float[] wanted = images.Layer.Wanted(n), differences = new float[elements];
            for (int first = 0; first < elements; first += units.Length)
            {
                for (int k = 0, i = first; k < units.Length; k++, i++)
                    differences[i] = (float)(wanted[i] - accumulators[i] * units[k]);
            }

            return differences;
        });
    }

    // The weights against the float layer's, all channels in units of their own scale.
    private static OperandReport Report(Conv conv, ChannelWeights[] solved, PatternFormat format, int terms)
    {
        int row = conv.Weights.Length / conv.OutputChannels;
        float[] units = [.. conv.Weights.Select((weight, i) => (float)(weight / solved[i / row].Scale))];
        MagnitudeHistogram histogram = new(units.Max(Math.Abs));
        histogram.Add(units);
        double signal = 0, noise = 0;
        for (int i = 0; i < units.Length; i++)
        {
            double scale = solved[i / row].Scale, difference = conv.Weights[i] - solved[i / row].Values[i % row] * scale;
            signal += (double)conv.Weights[i] * conv.Weights[i];
            noise += difference * difference;
        }

        double most = solved.Max(each => each.Scale);
        OperandReport report = histogram.Report(format, terms, 1);
        return report with { Scale = most, Clip = report.Clip * most, SignalToNoise = Decibels.Of(signal, noise) };
    }

    // What the float layer lacks on the quantized input, at the sampled pixels.
    private float[][] Lacking(Calibrated images, int[][] pixels)
    {
        IFloatKernel kernel = FloatKernels.For(_conv, _shape, _output);
        return images.Maps.ForEach(n =>
        {
            float[] real = Array.ConvertAll(images.OperandOf(n), value => (float)(value * inputScale)),
                result = new float[_output.Elements];
            kernel.Run([real], result, new float[kernel.ScratchElements]);
            float[] wanted = images.Layer.Wanted(n);
            int channels = _output.Channels;
            float[] lacking = new float[pixels[n].Length * channels];
            for (int i = 0; i < lacking.Length; i++)
            {
                int at = pixels[n][i / channels] * channels + i % channels;
                lacking[i] = (float)(wanted[at] - result[at]);
            }

            return lacking;
        });
    }

    private void Refit(InputStatistics statistics, double[][] weights)
    {
        int perGroup = _conv.OutputChannels / _conv.Groups;
        // A fit on few rows follows their noise: it is held back the more the fewer there are.
        double damping = options.RefitDamping + (double)statistics.ReductionLength / statistics.Rows;
        for (int group = 0; group < _conv.Groups; group++)
        {
            int start = 0;
            for (int segment = 0; segment < statistics.Segments; segment++)
            {
                double[][] factor = Cholesky.Factor(statistics.Covariance(group, segment, damping));
                int first = start;
                Parallel.For(group * perGroup, (group + 1) * perGroup, new ParallelOptions { MaxDegreeOfParallelism = options.Threads },
                    k =>
                {
                    double[] change = Cholesky.Solve(factor, statistics.ErrorCovariance(k, segment));
                    for (int i = 0; i < change.Length; i++)
                        weights[k][first + i] += change[i] / inputScale;
                });
                start += factor.Length;
            }
        }
    }

    /// <summary>What is known from the calibration images.</summary>
    private sealed record Calibrated(LayerFit Layer, CalibrationMaps Maps, Func<int, int[]> OperandOf);
}

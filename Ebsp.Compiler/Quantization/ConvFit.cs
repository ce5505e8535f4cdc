using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Compiler.Reference.IntegerOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>A convolution in integers with what it gives on the calibration images.</summary>
/// <param name="Op">The operation.</param>
/// <param name="Scales">Real weight of one unit, by output channel.</param>
/// <param name="Values">What became of the weights.</param>
internal sealed record FittedConv(IntegerConv Op, double[] Scales, OperandReport Values);

/// <summary>Fits the weights and bias of a layer's convolution to what the float layer gives.</summary>
internal sealed class ConvFit(LayerFit layer, Graph graph, CalibrationMaps maps, QuantizerOptions options)
{
    private const int StatisticsRows = 1 << 16;

    /// <summary>Weights and bias of the layer's convolution.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="inputScale">Its scale.</param>
    /// <param name="weightFormat">Format of the weights; the sums of two terms stand in the operation as they are.</param>
    public FittedConv Run(StoredTensor input, double inputScale, OperandFormat weightFormat)
    {
        PatternFormat format = weightFormat.WithSign(signed: true);
        NearestTable nearest = NearestTable.Of(format, weightFormat.Terms);
        Node node = layer.Step.Producer!;
        Shape shape = graph.TypeOf(node.Inputs[0]).Shape, output = graph.TypeOf(node.Output).Shape;
        Conv conv = node.Op as Conv ?? AsConv((FullyConnected)node.Op, shape);
        string read = input.Multiplied!;
        int outputs = conv.OutputChannels, row = conv.Weights.Length / outputs, perGroup = outputs / conv.Groups;
        double[][] weights = [
            .. Enumerable.Range(0, outputs).Select(k => conv.Weights.AsSpan(k * row, row).ToArray().Select(w => (double)w).ToArray())];
        InputStatistics? statistics = null;
        if (options.ErrorFeedback || options.Refit)
        {
            statistics = new InputStatistics(conv, shape);
            (int[][] pixels, float[][]? errors) = (InputStatistics.Sample(maps.Count, output, StatisticsRows), null);
            if (options.Refit)
                errors = Lacking(conv, shape, output, read, inputScale, pixels);
            statistics.Add(n => maps.Integer(read, n), errors, pixels, output, options.Threads);
            if (options.Refit)
                Refit(statistics, conv, weights, inputScale);
        }

        WeightSolver[] solvers = [.. Enumerable.Range(0, conv.Groups).Select(group => new WeightSolver(nearest,
            !options.ErrorFeedback
                ? []
                : [.. Enumerable.Range(0, statistics!.Segments)
                .Select(segment => statistics.Covariance(group, segment, options.Damping))]))];
        ChannelWeights[] solved = new ChannelWeights[outputs];
        double[] least = [.. conv.Bias.Select(bias => Math.Abs(bias) / (inputScale * Verifier.MaxBias * 0.5))];
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

        FittedConv fitted = Biased(conv, shape, read, solved, inputScale, format);
        return fitted with { Values = Report(conv, solved, format, weightFormat.Terms) };
    }

    private FittedConv Biased(Conv conv, Shape shape, string read, ChannelWeights[] solved, double inputScale, PatternFormat format)
    {
        IntegerConv op = new(conv.OutputChannels, conv.Geometry, conv.Groups, format,
            [.. solved.SelectMany(each => each.Values).Select(value => (sbyte)value)], [.. new int[conv.OutputChannels]]);
        ConvReference run = new(op, shape);
        double[] bias = [.. conv.Bias.Select(b => (double)b)];
        // Refitted weights have other means: their bias goes with them.
        if (options.BiasCorrection || options.Refit)
        {
            double[] units = [.. solved.Select(each => each.Scale * inputScale)];
            int elements = (int)graph.TypeOf(layer.Step.Producer!.Output).Shape.Elements;
            double[] lacking = LayerFit.MeanByChannel(maps, op.OutputChannels, elements, n =>
            {
                int[] accumulators = run.Run(maps.Integer(read, n));
                float[] wanted = layer.Wanted(n), differences = new float[elements];
                for (int first = 0; first < elements; first += units.Length)
                {
                    for (int k = 0, i = first; k < units.Length; k++, i++)
                        differences[i] = (float)(wanted[i] - accumulators[i] * units[k]);
                }

                return differences;
            });
            for (int k = 0; k < bias.Length; k++)
                bias[k] = lacking[k];
        }

        int[] integers = [.. bias.Select((b, k) =>
            (int)Math.Clamp(Math.Round(b / (solved[k].Scale * inputScale)), -Verifier.MaxBias, Verifier.MaxBias))];
        return new FittedConv(op with { Bias = [.. integers] }, [.. solved.Select(each => each.Scale)], null!);
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
        return report with { Scale = most, Clip = report.Clip * most, SignalToNoise = MagnitudeHistogram.Decibels(signal, noise) };
    }

    // What the float layer lacks on the quantized input, at the sampled pixels.
    private float[][] Lacking(Conv conv, Shape shape, Shape output, string read, double inputScale, int[][] pixels)
    {
        IFloatKernel kernel = FloatKernels.For(conv, shape, output);
        return maps.ForEach(n =>
        {
            float[] real = Array.ConvertAll(maps.Integer(read, n), value => (float)(value * inputScale)),
                result = new float[output.Elements];
            kernel.Run([real], result, new float[kernel.ScratchElements]);
            float[] wanted = layer.Wanted(n);
            int channels = output.Channels;
            float[] lacking = new float[pixels[n].Length * channels];
            for (int i = 0; i < lacking.Length; i++)
            {
                int at = pixels[n][i / channels] * channels + i % channels;
                lacking[i] = (float)(wanted[at] - result[at]);
            }

            return lacking;
        });
    }

    private void Refit(InputStatistics statistics, Conv conv, double[][] weights, double inputScale)
    {
        int perGroup = conv.OutputChannels / conv.Groups;
        // A fit on few rows follows their noise: it is held back the more the fewer there are.
        double damping = options.RefitDamping + (double)statistics.ReductionLength / statistics.Rows;
        for (int group = 0; group < conv.Groups; group++)
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

    private static Conv AsConv(FullyConnected full, Shape input) =>
        new(full.OutputChannels, new KernelWindow(input.Height, input.Width), 1, full.Weights, full.Bias);
}

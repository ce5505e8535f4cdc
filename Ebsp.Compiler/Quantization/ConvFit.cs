using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Compiler.Reference.IntegerOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>A convolution in integers with what it gives on the calibration images.</summary>
/// <param name="Op">The operation.</param>
/// <param name="Scales">Real weight of one unit, by output channel.</param>
/// <param name="Accumulators">Its output, H, W, K.</param>
internal sealed record FittedConv(IntegerConv Op, double[] Scales, int[][] Accumulators);

/// <summary>Fits the weights and bias of a layer's convolution to what the float layer gives.</summary>
internal sealed class ConvFit(LayerFit layer, Graph graph, CalibrationMaps maps, QuantizerOptions options)
{
    private const int StatisticsRows = 1 << 16;

    /// <summary>Weights and bias of the layer's convolution.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="inputScale">Its scale.</param>
    /// <param name="format">Format of the weights.</param>
    public FittedConv Run(StoredTensor input, double inputScale, PatternFormat format)
    {
        Node node = layer.Step.Producer!;
        Shape shape = graph.TypeOf(node.Inputs[0]).Shape, output = graph.TypeOf(node.Output).Shape;
        Conv conv = node.Op as Conv ?? AsConv((FullyConnected)node.Op, shape);
        int[][] inputs = maps.Integer(input.Multiplied!);
        int outputs = conv.OutputChannels, row = conv.Weights.Length / outputs, perGroup = outputs / conv.Groups;
        double[][] weights = [.. Enumerable.Range(0, outputs).Select(k => conv.Weights.AsSpan(k * row, row).ToArray().Select(w => (double)w).ToArray())];
        InputStatistics? statistics = null;
        if (options.ErrorFeedback || options.Refit)
        {
            statistics = new InputStatistics(conv, shape);
            statistics.Add(inputs, options.Refit ? Lacking(conv, shape, output, inputs, inputScale) : null, output, StatisticsRows, options.Threads);
            if (options.Refit)
                Refit(statistics, conv, weights, inputScale);
        }

        WeightSolver[] solvers = [.. Enumerable.Range(0, conv.Groups).Select(group => new WeightSolver(format,
            !options.ErrorFeedback ? [] : [.. Enumerable.Range(0, statistics!.Segments).Select(segment => statistics.Covariance(group, segment, options.Damping))]))];
        ChannelWeights[] solved = new ChannelWeights[outputs];
        double[] least = [.. conv.Bias.Select(bias => Math.Abs(bias) / (inputScale * Verifier.MaxBias * 0.5))];
        Parallel.For(0, outputs, new ParallelOptions { MaxDegreeOfParallelism = options.Threads },
            k => solved[k] = solvers[k / perGroup].Solve(weights[k], least[k]));
        // Channels of zeros, or nearly, take their part of the largest scale.
        double floor = solved.Zip(weights).Where(pair => pair.Second.Any(w => w != 0)).Select(pair => pair.First.Scale).DefaultIfEmpty(0).Max() * Math.ScaleB(1, -16);
        for (int k = 0; k < outputs; k++)
        {
            double scale = Math.Max(solved[k].Scale, floor > 0 ? floor : Math.Max(1, least[k]));
            if (scale != solved[k].Scale)
                solved[k] = new ChannelWeights(scale, solvers[k / perGroup].Round(weights[k], scale));
        }

        return Biased(conv, shape, inputs, solved, inputScale, format);
    }

    private FittedConv Biased(Conv conv, Shape shape, int[][] inputs, ChannelWeights[] solved, double inputScale, PatternFormat format)
    {
        IntegerConv op = new(conv.OutputChannels, conv.Geometry, conv.Groups, format,
            [.. solved.SelectMany(each => each.Values).Select(value => (sbyte)value)], [.. new int[conv.OutputChannels]]);
        ConvReference run = new(op, shape);
        int[][] accumulators = maps.ForEach(n => run.Run(inputs[n]));
        double[] bias = [.. conv.Bias.Select(b => (double)b)];
        // Refitted weights have other means: their bias goes with them.
        if (options.BiasCorrection || options.Refit)
        {
            double[] lacking = LayerFit.MeanByChannel(maps, op.OutputChannels, accumulators[0].Length,
                (n, i) => layer.Wanted(n, i) - accumulators[n][i] * solved[i % op.OutputChannels].Scale * inputScale);
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

    // What the float layer lacks on the quantised input, by pixel.
    private float[][] Lacking(Conv conv, Shape shape, Shape output, int[][] inputs, double inputScale)
    {
        IFloatKernel kernel = FloatKernels.For(conv, shape, output);
        return maps.ForEach(n =>
        {
            float[] real = Array.ConvertAll(inputs[n], value => (float)(value * inputScale)), result = new float[output.Elements];
            kernel.Run([real], result, new float[kernel.ScratchElements]);
            for (int i = 0; i < result.Length; i++)
                result[i] = (float)(layer.Wanted(n, i) - result[i]);
            return result;
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
                Parallel.For(group * perGroup, (group + 1) * perGroup, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, k =>
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
        new(full.OutputChannels, new WindowGeometry(input.Height, input.Width), 1, full.Weights, full.Bias);
}

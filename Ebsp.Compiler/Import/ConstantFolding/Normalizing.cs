namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>BatchNormalization and LRN.</summary>
internal static class Normalizing
{
    public static HostTensor[] BatchNormalization(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        int channels = x.Rank >= 2 ? x.Dims[1] : 1, plane = x.Rank >= 2 ? x.Dims[2..].Aggregate(1, (product, dim) => product * dim) : 1;
        // Before operator set 7 training was the default.
        bool isTraining = node.Opset < 7 ? node.Int("is_test", 0) == 0 : node.Int("training_mode", 0) != 0;
        double epsilon = node.Float("epsilon", 1e-5f), momentum = node.Float("momentum", 0.9f);
        double[] scale = node.Input(1).ToDoubles(), offset = node.Input(2).ToDoubles(), mean = node.Input(3).ToDoubles(),
            variance = node.Input(4).ToDoubles();
        if (node.Int("spatial", 1) != 1 || new[] { scale, offset, mean, variance }.Any(each => each.Length != channels) || isTraining
            && node.Opset < 15)
            throw new NotMappedException("parameters that are not one value a channel, or training before operator set 15");
        double[] values = x.ToDoubles(), result = node.Doubles(x.Dims);
        double[] runningMean = mean, runningVariance = variance;
        if (isTraining)
        {
            (double[] seenMean, double[] seenVariance) = Moments(values, channels, plane);
            runningMean = [.. mean.Zip(seenMean, (old, seen) => old * momentum + seen * (1 - momentum))];
            runningVariance = [.. variance.Zip(seenVariance, (old, seen) => old * momentum + seen * (1 - momentum))];
            (mean, variance) = (seenMean, seenVariance);
        }

        for (int i = 0; i < result.Length; i++)
        {
            int c = i / plane % channels;
            result[i] = (values[i] - mean[c]) * (scale[c] / Math.Sqrt(variance[c] + epsilon)) + offset[c];
        }

        HostTensor y = HostTensor.FromDoubles(x.Type, x.Dims, result);
        return node.OutputCount < 2 ? [y]
            : [y, HostTensor.FromDoubles(node.Input(3).Type, [channels], runningMean),
                HostTensor.FromDoubles(node.Input(4).Type, [channels], runningVariance)];
    }

    /// <summary>y = x / (bias + alpha / size * sum of x^2 over 'size' neighboring channels)^beta.</summary>
    public static HostTensor LocalResponse(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        if (x.Rank < 2)
            throw new NotMappedException($"a normalization of {x.DimsText}");
        int channels = x.Dims[1], plane = x.Dims[2..].Aggregate(1, (product, dim) => product * dim);
        int size = (int)Math.Clamp(node.Int("size", 1), 1, int.MaxValue / 2);
        double alpha = node.Float("alpha", 0.0001f), beta = node.Float("beta", 0.75f), bias = node.Float("bias", 1);
        double[] values = x.ToDoubles(), result = node.Doubles(x.Dims);
        node.Work((Int128)result.Length * Math.Min(size, channels));
        for (int i = 0; i < result.Length; i++)
        {
            int c = i / plane % channels;
            double sum = 0;
            for (int other = Math.Max(0, c - (size - 1) / 2); other <= Math.Min(channels - 1, c + size / 2); other++)
                sum += Math.Pow(values[i + (other - c) * plane], 2);
            result[i] = values[i] / Math.Pow(bias + alpha / size * sum, beta);
        }

        return HostTensor.FromDoubles(x.Type, x.Dims, result);
    }

    private static (double[] Mean, double[] Variance) Moments(double[] values, int channels, int plane)
    {
        double[] mean = new double[channels], variance = new double[channels];
        double count = (double)values.Length / channels;
        for (int i = 0; i < values.Length; i++)
            mean[i / plane % channels] += values[i] / count;
        for (int i = 0; i < values.Length; i++)
            variance[i / plane % channels] += Math.Pow(values[i] - mean[i / plane % channels], 2) / count;
        return (mean, variance);
    }
}

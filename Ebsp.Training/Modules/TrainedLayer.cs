using Ebsp.Compiler.Ir;
using Ebsp.Training.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Ebsp.Training.Modules;

/// <summary>A convolution or dense layer that learns, with batch normalization behind it where it was put there.</summary>
internal sealed class TrainedLayer : IDisposable
{
    /// <summary>Added to variances, as everywhere (Ioffe and Szegedy 2015).</summary>
    public const double Epsilon = 1e-5;

    // Share of a new batch in the running mean and variance.
    private const double Momentum = 0.1;

    private readonly Conv _conv;
    private readonly bool _isDense;

    /// <summary>A layer with the weights of the float graph, or those that its quantization left it.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="conv">It as a convolution.</param>
    /// <param name="weights">[K, C/G, R, S].</param>
    /// <param name="bias">[K].</param>
    /// <param name="scale">Scales of its masked weights, or null for a float layer.</param>
    public TrainedLayer(Node node, Conv conv, float[] weights, float[] bias, LearnedScale? scale)
    {
        (Node, _conv, _isDense, Scale) = (node, conv, node.Op is FullyConnected, scale);
        int row = weights.Length / conv.OutputChannels;
        long rows = conv.Geometry.KernelRows, columns = conv.Geometry.KernelColumns;
        long[] shape = _isDense ? [conv.OutputChannels, row] : [conv.OutputChannels, row / (rows * columns), rows, columns];
        Weight = Trained.Of(node.Name + ".weight", TrainedKind.Weight, weights, shape);
        Bias = Trained.Of(node.Name + ".bias", TrainedKind.Vector, bias, [conv.OutputChannels]);
    }

    /// <summary>The layer of the graph.</summary>
    public Node Node { get; }

    /// <summary>Its weights.</summary>
    public Trained Weight { get; }

    /// <summary>Its bias, or the offset of its batch normalization.</summary>
    public Trained Bias { get; }

    /// <summary>Factor of batch normalization, or null where there is none.</summary>
    public Trained? Factor { get; private set; }

    /// <summary>Running mean.</summary>
    public Trained? Mean { get; private set; }

    /// <summary>Running variance.</summary>
    public Trained? Variance { get; private set; }

    /// <summary>Scales of the masked weights, or null.</summary>
    public LearnedScale? Scale { get; set; }

    /// <summary>Everything that is kept.</summary>
    public IEnumerable<Trained> Arrays => new[] { Weight, Bias, Factor, Mean, Variance }.OfType<Trained>();

    /// <summary>Where set, takes what the layer gives before bias and normalization.</summary>
    public Action<Tensor>? Observer { get; set; }

    /// <summary>Share of a new batch in the running statistics; null takes the usual one.</summary>
    public double? StatisticShare { get; set; }

    /// <summary>Runs it.</summary>
    /// <param name="x">What it multiplies.</param>
    /// <param name="isMasked">Whether its weights are.</param>
    /// <param name="isTraining">Whether batch normalization goes by the batch.</param>
    /// <param name="unit">Real value of a unit of x, where the result must be that of the integers; 0 elsewhere.</param>
    public Tensor Run(Tensor x, bool isMasked, bool isTraining, double unit = 0)
    {
        bool isWhole = unit > 0 && isMasked && Scale is not null && !isTraining && Observer is null;
        Tensor weight = isMasked && Scale is not null ? MaskFunction.Of(Weight.Value, Scale) : Weight.Value;
        Tensor? bias = Factor is null && Observer is null && !isWhole ? Bias.Value : null;
        Tensor y;
        if (_isDense)
        {
            y = functional.linear(x.flatten(1), weight, bias).view(x.shape[0], _conv.OutputChannels, 1, 1);
        }
        else
        {
            KernelWindow g = _conv.Geometry;
            bool isEven = g.PadTop == g.PadBottom && g.PadLeft == g.PadRight;
            Tensor padded = isEven ? x : functional.pad(x, [g.PadLeft, g.PadRight, g.PadTop, g.PadBottom]);
            y = functional.conv2d(padded, weight, bias, strides: [g.StrideY, g.StrideX],
                padding: isEven ? [g.PadTop, g.PadLeft] : [0, 0], dilation: [g.DilationY, g.DilationX], groups: _conv.Groups);
        }

        if (Observer is not null)
        {
            Observer(y);
            return y.Plus(Bias.Value.view(1, -1, 1, 1));
        }

        if (isWhole)
            return Whole(y, unit);
        return Factor is null ? y : functional.batch_norm(y, Mean!.Value, Variance!.Value, Factor.Value, Bias.Value, isTraining,
            StatisticShare ?? Momentum, Epsilon);
    }

    // Bias and normalization as the emission writes them: a factor, and an offset in whole units of the accumulator. That rounding is far
    // below what a stored value resolves, but where it moves a value over a tie, what follows moves with it: of the answers of ResNet-8 one
    // in twenty was another one.
    private Tensor Whole(Tensor y, double unit)
    {
        (double Factor, double Offset)[] folded = Folded();
        float[] factors = [.. folded.Select(each => (float)each.Factor)];
        float[] offsets = [.. folded.Select((each, k) =>
        {
            double step = Math.Abs(each.Factor) * Scale!.Values[k] * unit;
            return (float)(step > 0 ? Math.Round(each.Offset / step) * step : each.Offset);
        })];
        Tensor scaled = Factor is null ? y : y * tensor(factors).view(1, -1, 1, 1);
        return scaled.Plus(tensor(offsets).view(1, -1, 1, 1));
    }

    /// <summary>
    /// Puts batch normalization behind it that changes nothing as long as its statistics are those given. What is normalized does not
    /// depend on the size of the weights, but how fast they turn does: they get the size that initial weights have (He et al. 2015), and
    /// their scales and the statistics go with them.
    /// </summary>
    /// <param name="mean">[K], of what the layer gives without its bias.</param>
    /// <param name="variance">[K].</param>
    public void Normalize(float[] mean, float[] variance)
    {
        Span<float> bias = Bias.Floats;
        for (int k = 0; k < mean.Length; k++)
            bias[k] += mean[k];
        float[] sizes = Resize();
        long[] shape = [mean.Length];
        Mean = Trained.Of(Node.Name + ".mean", TrainedKind.Statistic, [.. mean.Select((m, k) => m * sizes[k])], shape);
        float[] resized = [.. variance.Select((v, k) => v * sizes[k] * sizes[k])];
        Variance = Trained.Of(Node.Name + ".variance", TrainedKind.Statistic, resized, shape);
        Factor = Trained.Of(Node.Name + ".factor", TrainedKind.Vector,
            [.. resized.Select((v, k) => (float)(Math.Sqrt(v + Epsilon) / sizes[k]))], shape);
    }

    // The factor by which the weights of each channel grew.
    private float[] Resize()
    {
        Span<float> weights = Weight.Floats;
        float[] sizes = new float[_conv.OutputChannels];
        int row = weights.Length / sizes.Length;
        for (int k = 0; k < sizes.Length; k++)
        {
            Span<float> channel = weights.Slice(k * row, row);
            double squares = 0;
            foreach (float weight in channel)
                squares += (double)weight * weight;
            sizes[k] = squares == 0 ? 1 : (float)Math.Sqrt(2 / squares);
            foreach (ref float weight in channel)
                weight *= sizes[k];
            Scale?.Resize(k, sizes[k]);
        }

        return sizes;
    }

    /// <summary>What batch normalization does to each channel at inference: y * Factor + Offset; (1, bias) where there is none.</summary>
    public (double Factor, double Offset)[] Folded()
    {
        (double, double)[] folded = new (double, double)[_conv.OutputChannels];
        Span<float> bias = Bias.Floats;
        for (int k = 0; k < folded.Length; k++)
        {
            double factor = Factor is null ? 1 : Factor.Floats[k] / Math.Sqrt(Variance!.Floats[k] + Epsilon);
            folded[k] = (factor, Factor is null ? bias[k] : bias[k] - Mean!.Floats[k] * factor);
        }

        return folded;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Trained array in Arrays)
            array.Dispose();
    }
}

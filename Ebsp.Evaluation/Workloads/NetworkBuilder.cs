using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Evaluation.Workloads;

/// <summary>Adds layers one after another; each call returns the index of its layer, which later calls read.</summary>
/// <param name="channels">Channels of the network's input.</param>
/// <param name="height">Rows of the input.</param>
/// <param name="width">Columns of the input.</param>
internal sealed class NetworkBuilder(int channels, int height, int width)
{
    /// <summary>The network's input.</summary>
    public const int Input = -1;

    private readonly List<LayerShape> _layers = [];

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<LayerShape> Layers => _layers;

    /// <summary>Convolution with a square kernel.</summary>
    public int Conv(int source, int outputs, int kernel, int stride = 1, int pad = 0, int groups = 1, string? name = null) =>
        Add(LayerKind.Convolution, outputs, Square(kernel, stride, pad), groups, false, name ?? "conv", source);

    /// <summary>Depthwise convolution 3x3 with padding 1.</summary>
    public int Depthwise(int source, int stride) => Conv(source, Shape(source).Channels, 3, stride, 1, Shape(source).Channels, "dw");

    /// <summary>Fully connected layer over the whole map.</summary>
    public int Full(int source, int outputs)
    {
        Shape shape = Shape(source);
        return Add(LayerKind.Convolution, outputs, new KernelWindow(shape.Height, shape.Width), 1, false, "fc", source);
    }

    /// <summary>Maximum over square windows.</summary>
    public int MaxPool(int source, int kernel, int stride, int pad = 0, bool ceilMode = false) =>
        Add(LayerKind.MaxPool, Shape(source).Channels, Square(kernel, stride, pad), 1, ceilMode, "pool", source);

    /// <summary>Mean of the whole map.</summary>
    public int GlobalAverage(int source)
    {
        Shape shape = Shape(source);
        return Add(LayerKind.AveragePool, shape.Channels, new KernelWindow(shape.Height, shape.Width), 1, false, "average", source);
    }

    /// <summary>Sum of two maps.</summary>
    public int Add(int a, int b) => Add(LayerKind.Add, Shape(a).Channels, new KernelWindow(1, 1), 1, false, "add", a, b);

    /// <summary>Two maps side by side.</summary>
    public int Concat(int a, int b) =>
        Add(LayerKind.Concat, Shape(a).Channels + Shape(b).Channels, new KernelWindow(1, 1), 1, false, "concat", a, b);

    /// <summary>Channels, rows and columns of what a layer makes.</summary>
    public Shape Shape(int layer) =>
        layer < 0 ? new Shape(channels, height, width) : new Shape(_layers[layer].K, _layers[layer].P, _layers[layer].Q);

    /// <summary>Any layer.</summary>
    public int Add(LayerKind kind, int outputs, KernelWindow window, int groups, bool ceilMode, string name,
        params ImmutableArray<int> sources)
    {
        Shape input = Shape(sources[0]);
        int number = _layers.Count(layer => layer.Name.StartsWith(name, StringComparison.Ordinal)) + 1;
        int inputs = kind == LayerKind.Concat ? outputs : input.Channels;
        _layers.Add(new LayerShape(string.Create(CultureInfo.InvariantCulture, $"{name}{number}"), kind, 1, outputs, inputs,
            input.Height, input.Width, window, groups, sources) { CeilMode = ceilMode });
        return _layers.Count - 1;
    }

    private static KernelWindow Square(int kernel, int stride, int pad) => new(kernel, kernel, stride, stride, pad, pad, pad, pad);
}

using System.Collections.Immutable;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Tests;

/// <summary>Small random networks.</summary>
internal sealed class SmallNetwork(int seed, Shape input)
{
    private readonly Random _random = new(seed);
    private readonly GraphBuilder _builder = new("small", "x", input);

    public Graph Build(string output) => _builder.Build(output);

    public Graph Build(string[] outputs, bool transforms) => _builder.Build([.. outputs.Select((output, i) =>
        new GraphOutput(output, transforms && i % 2 == 1 ? OutputTransform.Sigmoid : OutputTransform.None))]);

    public string Node(Op op, params string[] inputs) => _builder.Add($"n{_builder.Nodes.Count}", op, inputs);

    public string Conv(string from, int outputs, int kernel, int pad = 0, int groups = 1, int stride = 1)
    {
        int channels = _builder.TypeOf(from).Shape.Channels / groups;
        return Node(new Conv(outputs, new KernelWindow(kernel, kernel, stride, stride, pad, pad, pad, pad), groups,
            Numbers(outputs * channels * kernel * kernel, 1 / Math.Sqrt(channels * kernel * kernel)), Numbers(outputs, 0.3)), from);
    }

    public string Full(string from, int outputs)
    {
        int length = (int)_builder.TypeOf(from).Shape.Elements;
        return Node(new FullyConnected(outputs, Numbers(outputs * length, 1 / Math.Sqrt(length)), Numbers(outputs, 0.3)), from);
    }

    public string Affine(string from, double offset = 0.5)
    {
        int channels = _builder.TypeOf(from).Shape.Channels;
        return Node(new ChannelAffine([.. Numbers(channels, 0.5).Select(x => x + 1)], Numbers(channels, offset)), from);
    }

    public string Relu(string from, float maximum = float.PositiveInfinity) => Node(new Clamp(0, maximum), from);

    public string Pool(string from, int size = 2) => Node(new MaxPool(new KernelWindow(size, size, size, size), false), from);

    public string Average(string from, int size, int pad = 0, bool countsPadding = false) =>
        Node(new AveragePool(new KernelWindow(size, size, size, size, pad, pad, pad, pad), false, countsPadding), from);

    public Shape ShapeOf(string tensor) => _builder.TypeOf(tensor).Shape;

    public string Pad(string from, Pad pad) => Node(pad, from);

    public string Add(string a, string b) => Node(new Add(), a, b);

    public string Subtract(string a, string b) => Node(new Subtract(), a, b);

    public string Multiply(string a, string b) => Node(new Multiply(), a, b);

    public string Response(string from, int size = 5) => Node(new LocalResponseNorm(size, 2, 0.75f, 1), from);

    public string Point(PointFunctionKind kind, string from, float alpha = 0, float beta = 0) =>
        Node(new PointFunction(kind, alpha, beta), from);

    private ImmutableArray<float> Numbers(int count, double size) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((_random.NextDouble() * 2 - 1) * 2 * size))];
}

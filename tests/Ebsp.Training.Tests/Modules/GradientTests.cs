using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Training.Modules;
using static TorchSharp.torch;

namespace Ebsp.Training.Tests.Modules;

/// <summary>Gradients of every kind of layer against differences, in double precision.</summary>
[TestClass]
public sealed class GradientTests
{
    private static readonly Random Draw = new(3);

    public static IEnumerable<object[]> Kinds =>
        new[] { "conv", "norm", "pads", "depthwise", "dilated", "dense", "clamp", "average", "max", "residual", "concat", "slice",
            "response", "functions",
            "product" }.Select(kind => new object[] { kind });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Gradient_OfAKindOfLayer_AgreesWithDifferences(string kind)
    {
        Torch.Require();
        const double Step = 1e-5;
        Graph graph = FloatPasses.Run(GraphOf(kind));
        using var scope = NewDisposeScope();
        using TrainableNetwork network = new(QuantizationPlan.Of(graph, new QuantizerOptions()));
        if (kind == "norm")
            network.Layers.First().Layer.Normalize([0.1f, -0.2f, 0.3f, 0], [1, 2, 0.5f, 1]);
        network.To(ScalarType.Float64);
        using Tensor x = Random(2, graph.InputShape.Channels, graph.InputShape.Height, graph.InputShape.Width);
        x.requires_grad = true;
        Tensor output = network.Run(x, isTraining: true), weights = Random(output.shape);
        double Loss()
        {
            using var inner = NewDisposeScope();
            using (no_grad())
                return (network.Run(x, isTraining: true) * weights).sum().item<double>();
        }

        (output * weights).sum().backward();
        foreach ((string name, Tensor tensor) in network.Arrays.Where(array => array.Kind != TrainedKind.Statistic)
            .Select(array => (array.Name, array.Value)).Append(("input", x)))
        {
            double[] gradient = tensor.grad!.contiguous().data<double>().ToArray();
            double largest = gradient.Max(Math.Abs);
            for (int i = 0; i < Math.Min(gradient.Length, 12); i++)
            {
                long at = Draw.NextInt64(gradient.Length);
                double before = Element(tensor, at, null);
                Element(tensor, at, before + Step);
                double above = Loss();
                Element(tensor, at, before - Step);
                double below = Loss();
                Element(tensor, at, before);
                Assert.AreEqual((above - below) / (2 * Step), gradient[at], 1e-3 * Math.Max(Math.Abs(gradient[at]), 1e-2 * largest) + 1e-9,
                    $"{name}[{at}]");
            }
        }
    }

    private static double Element(Tensor tensor, long at, double? value)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            Tensor flat = tensor.detach().view(-1);
            if (value is { } given)
                flat[at] = given;
            return flat[at].item<double>();
        }
    }

    private static Tensor Random(params long[] shape)
    {
        double[] values = new double[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = Draw.NextDouble() * 2 - 1;
        return tensor(values).view(shape);
    }

    private static Graph GraphOf(string kind)
    {
        GraphBuilder builder = new(kind, "x", new Shape(4, 6, 6));
        string a = Conv("first", "x", 4, 1, new KernelWindow(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1));
        string end = kind switch
        {
            "pads" => Conv("second", a, 4, 1, new KernelWindow(3, 3, 2, 2, 0, 1, 2, 1)),
            "depthwise" => Conv("second", a, 8, 4, new KernelWindow(3, 3, PadTop: 1, PadLeft: 1)),
            "dilated" => Conv("second", a, 4, 1, new KernelWindow(2, 2, DilationY: 2, DilationX: 2)),
            "dense" => builder.Add("second", new FullyConnected(5, [.. Values(5 * 144)], [.. Values(5)]), a),
            "clamp" => builder.Add("clamp", new Clamp(-0.7f, 0.9f), a),
            "average" => builder.Add("pool", new AveragePool(new KernelWindow(3, 3, 2, 2, 1, 1, 1, 1), true, false), a),
            "max" => builder.Add("pool", new MaxPool(new KernelWindow(3, 3, 2, 2, 1, 1, 0, 0), true), a),
            "residual" => builder.Add("relu", new Clamp(0, float.PositiveInfinity),
                builder.Add("sum", new Add(), Conv("second", a, 4, 1, new KernelWindow(1, 1)), builder.Add("less", new Subtract(), a,
                    "x"))),
            "concat" => Conv("second", builder.Add("cat", new Concat(), a, Conv("other", "x", 2, 1, new KernelWindow(1, 1),
                same: true)), 3, 1, new KernelWindow(1, 1)),
            "slice" => Conv("second", builder.Add("pad", new Pad(1, 1, 1, 0, 0, 1), builder.Add("slice", new Slice(1, 2, 0, 2, 3, 1, 2,
                3), a)), 3,
                1, new KernelWindow(1, 1)),
            "response" => builder.Add("response", new LocalResponseNorm(3, 0.5f, 0.75f, 1), a),
            "functions" => builder.Add("swish", new PointFunction(PointFunctionKind.HardSwish),
                builder.Add("elu", new PointFunction(PointFunctionKind.Elu, 0.7f), builder.Add("tanh",
                    new PointFunction(PointFunctionKind.Tanh), a))),
            "product" => builder.Add("gate", new Multiply(), a, builder.Add("mean",
                new AveragePool(new KernelWindow(6, 6), false, false), "x")),
            _ => a,
        };
        return builder.Build(end);

        string Conv(string name, string input, int channels, int groups, KernelWindow window, bool same = false)
        {
            int row = builder.TypeOf(input).Shape.Channels / groups * window.KernelRows * window.KernelColumns;
            return builder.Add(name, new Conv(channels, window, groups, [.. Values(channels * row)], [.. Values(channels)]), input);
        }
    }

    private static float[] Values(int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = Draw.NextSingle() - 0.5f;
        return values;
    }
}

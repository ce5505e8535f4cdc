using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;

namespace Ebsp.TestKit.Networks;

/// <summary>
/// Integer networks of real size with random weights, always the same: graphs of known networks, or float graphs whose weights do not
/// matter. Multipliers are such that activations neither vanish nor saturate everywhere.
/// </summary>
public sealed class SeededNetwork
{
    private static readonly PatternFormat Weights = PatternFormat.Window(6, 3, true), Operand = PatternFormat.Window(6, 3, false);

    private readonly Random _random = new(2022);
    private readonly GraphBuilder _builder;
    private int _number;

    public SeededNetwork(string name, Shape input) =>
        _builder = new GraphBuilder(name, "input", input, new InputEncoding(PatternFormat.Window(8, 3, false), 2, 1));

    /// <summary>VGG-16 (Simonyan and Zisserman 2015, configuration D).</summary>
    public static Graph Vgg16()
    {
        SeededNetwork network = new("vgg16", new Shape(3, 224, 224));
        string t = "input";
        foreach ((int channels, int convolutions) in new[] { (64, 2), (128, 2), (256, 3), (512, 3), (512, 3) })
        {
            for (int i = 0; i < convolutions; i++)
                t = network.Layer(t, channels, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1));
            t = network.Pool(t, 2, 2);
        }

        t = network.Layer(network.Layer(t, 4096, new KernelWindow(7, 7)), 4096, new KernelWindow(1, 1));
        return network.Scores(t, 1000);
    }

    /// <summary>AlexNet in one tower without local response normalization (Krizhevsky 2014).</summary>
    public static Graph AlexNet()
    {
        SeededNetwork network = new("alexnet", new Shape(3, 227, 227));
        string t = network.Pool(network.Layer("input", 96, new KernelWindow(11, 11, 4, 4)), 3, 2);
        t = network.Pool(network.Layer(t, 256, new KernelWindow(5, 5, 1, 1, 2, 2, 2, 2), groups: 2), 3, 2);
        t = network.Layer(t, 384, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1));
        t = network.Layer(t, 384, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1), groups: 2);
        t = network.Pool(network.Layer(t, 256, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1), groups: 2), 3, 2);
        t = network.Layer(network.Layer(t, 4096, new KernelWindow(6, 6)), 4096, new KernelWindow(1, 1));
        return network.Scores(t, 1000);
    }

    /// <summary>ResNet-18 (He et al. 2016).</summary>
    public static Graph ResNet18() => ResNet("resnet18", [2, 2, 2, 2], isBottleneck: false);

    /// <summary>ResNet-50 (He et al. 2016), strides in the 3x3 convolutions.</summary>
    public static Graph ResNet50() => ResNet("resnet50", [3, 4, 6, 3], isBottleneck: true);

    /// <summary>A residual network of stages of blocks; shortcuts are convolutions where the shape changes.</summary>
    public static Graph ResNet(string name, int[] stages, bool isBottleneck)
    {
        SeededNetwork network = new(name, new Shape(3, 224, 224));
        KernelWindow one = new(1, 1);
        string plain = network.Pool(
            network.Layer("input", 64, new KernelWindow(7, 7, 2, 2, 3, 3, 3, 3), format: PatternFormat.Uniform(8, false)), 3, 2, pad: 1);
        string projected = network.Requantize(plain, null, Operand, 1);
        for (int i = 0; i < stages.Sum(); i++)
        {
            int stage = Enumerable.Range(0, stages.Length).First(s => i < stages.Take(s + 1).Sum());
            int channels = 64 << stage, outputs = isBottleneck ? 4 * channels : channels, stride = stage > 0
                && i == stages.Take(stage).Sum() ? 2 : 1;
            string shortcut = stride == 1 && network.Shape(plain).Channels == outputs ? plain
                : network.Layer(projected, outputs, one with { StrideY = stride, StrideX = stride },
                    format: PatternFormat.Uniform(8, true));
            KernelWindow strided = new(3, 3, stride, stride, 1, 1, 1, 1);
            string t = isBottleneck
                ? network.Layer(network.Layer(projected, channels, one), channels, strided)
                : network.Layer(projected, channels, strided);
            string sum = network.Sums(t, outputs, isBottleneck ? one : strided with { StrideY = 1, StrideX = 1 }, 1);
            plain = network.Requantize(sum, shortcut, PatternFormat.Uniform(8, false), network._reduction);
            projected = network.Requantize(sum, shortcut, Operand, network._reduction);
        }

        Shape map = network.Shape(plain);
        string pooled = network.Add(new SumPool(new KernelWindow(map.Height, map.Width), false), plain);
        return network.Scores(network.Requantize(pooled, null, Operand, map.Height * map.Width), 1000);
    }

    /// <summary>A float graph with other weights: its convolutions, pools, additions and concatenations as the quantizer would store
    /// them.</summary>
    public static Graph From(Graph graph)
    {
        graph = FloatPasses.Run(graph);
        QuantizationPlan plan = QuantizationPlan.Of(graph, new QuantizerOptions());
        SeededNetwork network = new(graph.Name, graph.InputShape);
        Dictionary<(string Tensor, Forms Form), string> made = new() { [(graph.InputName, Forms.Projected)] = "input" };
        Dictionary<(ConcatPlace Place, Forms Form), string> parts = [];
        foreach (PlannedStep step in plan.Steps)
            network.Take(graph, plan, step, made, parts);
        return network._builder.Build(made.TryGetValue((graph.OutputName, Forms.Scores), out string? scores)
            ? scores
            : made[(graph.OutputName, Forms.Plain)]);
    }

    private void Take(Graph graph, QuantizationPlan plan, PlannedStep step, Dictionary<(string Tensor, Forms Form), string> made,
        Dictionary<(ConcatPlace Place, Forms Form), string> parts)
    {
        Forms[] forms = [.. new[] { Forms.Scores, Forms.Plain, Forms.Projected }.Where(form => step.Forms.HasFlag(form))];
        switch (step)
        {
            case LayerStep layer:
                string a = layer.Producer is not { } producer ? made[(layer.A, Forms.Plain)] : producer.Op switch
                {
                    Conv conv => Sums(made[(producer.Inputs[0], Forms.Projected)], conv.OutputChannels, conv.Geometry, conv.Groups,
                        producer.Name),
                    FullyConnected full => Sums(made[(producer.Inputs[0], Forms.Projected)], full.OutputChannels,
                        new KernelWindow(graph.TypeOf(producer.Inputs[0]).Shape.Height, graph.TypeOf(producer.Inputs[0]).Shape.Width), 1,
                            producer.Name),
                    AveragePool pool => Add(new SumPool(pool.Geometry, pool.CeilMode), made[(producer.Inputs[0], Forms.Plain)]),
                    _ => throw new InvalidOperationException(),
                };
                string? b = layer.B is null ? null : made[(layer.B, Forms.Plain)];
                double reach = layer.Producer?.Op switch { Conv or FullyConnected => _reduction, AveragePool pool =>
                    Math.Pow(pool.Geometry.KernelRows * pool.Geometry.KernelColumns, 2), _ => 1.0 / 64 };
                foreach (Forms form in forms)
                    made[(step.Output, form)] = Requantize(a, b, FormatOf(form, plan.IsNeverNegative(step.Output)), reach);
                foreach (ConcatPlace place in layer.Places)
                {
                    ConcatStep joined = (ConcatStep)plan.StepOf(place.Concat);
                    foreach (Forms form in new[] { Forms.Plain, Forms.Projected }.Where(form => joined.Forms.HasFlag(form)))
                        parts[(place, form)] = Requantize(a, b, FormatOf(form, plan.IsNeverNegative(joined.Root)), reach);
                }

                break;
            case ConcatStep concat:
                foreach (Forms form in forms)
                    made[(step.Output, form)] = Add(concat.Node.Op, [.. concat.Node.Inputs.Select((input, i) =>
                        parts.GetValueOrDefault((new ConcatPlace(step.Output, i), form)) ?? made[(input, form)])]);
                break;
            case MapStep { Node: { Op: LocalResponseNorm norm } node }:
                string map = made[(node.Inputs[0], Forms.Plain)];
                foreach (Forms form in forms)
                    made[(step.Output, form)] = Add(GraphEmitter.Response(norm, _builder.TypeOf(map),
                        FormatOf(form, plan.IsNeverNegative(node.Inputs[0])), 1, node.Name), map);
                break;
            case MoveStep move:
                foreach (Forms form in forms)
                    made[(step.Output, form)] = Add(move.Node.Op, made[(move.Node.Inputs[0], form)]);
                break;
        }
    }

    private static PatternFormat FormatOf(Forms form, bool isUnsigned) => form switch
    {
        Forms.Scores => PatternFormat.Int32,
        Forms.Plain => PatternFormat.Uniform(8, !isUnsigned),
        _ => PatternFormat.Window(6, 3, !isUnsigned),
    };

    private string Layer(string source, int channels, KernelWindow geometry, int groups = 1, PatternFormat? format = null)
    {
        string sums = Sums(source, channels, geometry, groups);
        return Requantize(sums, null, format ?? Operand, _reduction);
    }

    private string Pool(string source, int size, int stride, int pad = 0) =>
        Add(new MaxPool(new KernelWindow(size, size, stride, stride, pad, pad, pad, pad), false), source);

    private Graph Scores(string source, int classes) =>
        _builder.Build(Requantize(Sums(source, classes, new KernelWindow(1, 1), 1), null, PatternFormat.Int32, 1));

    private string Sums(string source, int channels, KernelWindow geometry, int groups, string? name = null)
    {
        _reduction = Shape(source).Channels / groups * geometry.KernelRows * geometry.KernelColumns;
        sbyte[] values = [.. Weights.Values().Select(value => (sbyte)value)];
        byte[] random = new byte[channels * _reduction];
        _random.NextBytes(random);
        sbyte[] weights = Array.ConvertAll(random, x => values[x % values.Length]);
        name = $"{name ?? "conv"}.{++_number}";
        _builder.Add(name, new IntegerConv(channels, geometry, groups, Weights, ImmutableCollectionsMarshal.AsImmutableArray(weights),
            [.. Enumerable.Range(0, channels).Select(_ => _random.Next(-999, 1000))]), [source], name + ".acc");
        return name + ".acc";
    }

    private int _reduction = 1;

    private string Requantize(string a, string? b, PatternFormat format, double reach)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        int m = format.Bits == 32 ? 1 << 30 : (int)Math.Min((1 << 30) / (Math.Sqrt(reach) * 8), int.MaxValue);
        return Add(new Requantize([.. Enumerable.Repeat(m, Shape(a).Channels)], false, b is null
            ? 0
            : 1 << 29, [], 30, format.Signed ? -limit : 0, limit, format), b is null ? [a] : [a, b]);
    }

    private string Add(Op op, params string[] inputs) => _builder.Add($"n{++_number}", op, inputs);

    private Shape Shape(string tensor) => _builder.TypeOf(tensor).Shape;
}

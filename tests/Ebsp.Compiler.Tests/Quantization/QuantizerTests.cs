using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Quantization;

[TestClass]
public class QuantizerTests
{
    private static readonly QuantizerOptions Fine = new() { Weights = new(8, 4), Activations = new(8, 4), Threads = 2 };

    private static IEnumerable<(string Name, Func<SmallNetwork, string> Build, double Decibels)> Structures =>
    [
        ("conv", net => net.Full(net.Relu(net.Conv("x", 6, 3, pad: 1)), 5), 25),
        ("relu6", net => net.Full(net.Relu(net.Conv("x", 6, 3, pad: 1), 0.5f), 5), 25),
        ("signed", net => net.Full(net.Conv("x", 6, 3, pad: 1), 5), 25),
        ("stride and max pool", net => net.Full(net.Pool(net.Relu(net.Conv("x", 6, 3, pad: 1, stride: 2))), 5), 25),
        ("residual", net =>
        {
            string skip = net.Relu(net.Conv("x", 6, 3, pad: 1));
            return net.Full(net.Relu(net.Add(net.Conv(skip, 6, 3, pad: 1), skip)), 5);
        }, 25),
        ("two branches", net =>
        {
            string stem = net.Relu(net.Conv("x", 6, 3, pad: 1));
            return net.Full(net.Relu(net.Add(net.Conv(stem, 4, 3, pad: 1), net.Conv(stem, 4, 1))), 5);
        }, 25),
        ("option A shortcut", net =>
        {
            string skip = net.Relu(net.Conv("x", 4, 3, pad: 1));
            string narrow = net.Node(new Slice(0, 4, 0, 2, 4, 0, 2, 4), skip);
            string wide = net.Pad(narrow, new Pad(2, 2, 0, 0, 0, 0));
            return net.Full(net.Relu(net.Add(net.Conv(skip, 8, 3, pad: 1, stride: 2), wide)), 5);
        }, 25),
        ("sum of stored tensors", net =>
        {
            string a = net.Relu(net.Conv("x", 4, 3, pad: 1)), b = net.Relu(net.Conv("x", 4, 1));
            return net.Full(net.Add(a, b), 5);
        }, 25),
        ("sum with itself", net =>
        {
            string a = net.Relu(net.Conv("x", 4, 3, pad: 1));
            return net.Full(net.Add(a, a), 5);
        }, 25),
        ("affine step that stays", net =>
        {
            string a = net.Relu(net.Conv("x", 4, 3, pad: 1));
            return net.Full(net.Relu(net.Conv(net.Affine(a), 4, 3, pad: 1)), 5);
        }, 25),
        ("conv with two readers", net =>
        {
            string a = net.Conv("x", 4, 3, pad: 1);
            return net.Full(net.Add(net.Relu(a), a), 5);
        }, 25),
        ("global average", net => net.Full(net.Average(net.Relu(net.Conv("x", 6, 3, pad: 1)), 8), 5), 20),
        ("average without padding in the count", net => net.Full(net.Average(net.Relu(net.Conv("x", 6, 3, pad: 1)), 3, pad: 1), 5), 20),
        ("average with padding in the count", net =>
            net.Full(net.Average(net.Relu(net.Conv("x", 6, 3, pad: 1)), 3, pad: 1, countsPadding: true), 5), 20),
        ("pool that feeds both", net =>
        {
            string a = net.Pool(net.Relu(net.Conv("x", 4, 3, pad: 1)));
            return net.Full(net.Relu(net.Add(net.Conv(a, 4, 3, pad: 1), a)), 5);
        }, 25),
        ("groups", net => net.Full(net.Relu(net.Conv(net.Relu(net.Conv("x", 8, 3, pad: 1)), 8, 3, pad: 1, groups: 4)), 5), 25),
        ("depthwise input", net => net.Full(net.Relu(net.Conv("x", 6, 3, pad: 1, groups: 3)), 5), 25),
        ("input that is added", net => net.Full(net.Relu(net.Add(net.Conv("x", 3, 3, pad: 1), "x")), 5), 25),
        ("input that is pooled", net => net.Full(net.Pool("x"), 5), 25),
        ("output of a pool", net => net.Average(net.Relu(net.Conv("x", 6, 3, pad: 1)), 8), 20),
        ("fully connected alone", net => net.Full("x", 5), 30),
        ("local response", net => net.Full(net.Conv(net.Pool(net.Response(net.Relu(net.Conv("x", 6, 3, pad: 1)))), 6, 3), 5), 25),
        ("local response with sign, added", net =>
        {
            string a = net.Response(net.Conv("x", 6, 3, pad: 1));
            return net.Full(net.Relu(net.Add(net.Conv(a, 6, 3, pad: 1), a)), 5);
        }, 25),
        ("squeeze and excitation", net =>
        {
            string a = net.Relu(net.Conv("x", 8, 3, pad: 1));
            string gate = net.Point(PointFunctionKind.HardSigmoid,
                net.Full(net.Point(PointFunctionKind.Tanh, net.Full(net.Average(a, 8), 4)), 8), 0.2f, 0.5f);
            return net.Full(net.Conv(net.Multiply(a, gate), 6, 1), 5);
        }, 22),
        ("gates at every pixel", net =>
            net.Full(net.Multiply(net.Conv("x", 6, 3, pad: 1), net.Point(PointFunctionKind.Sigmoid, net.Conv("x", 6, 3, pad: 1))), 5), 25),
        ("value times its sigmoid", net =>
        {
            string a = net.Conv("x", 6, 3, pad: 1);
            return net.Full(net.Multiply(a, net.Point(PointFunctionKind.Sigmoid, a)), 5);
        }, 22),
        ("square", net =>
        {
            string a = net.Conv("x", 6, 3, pad: 1);
            return net.Full(net.Multiply(a, a), 5);
        }, 22),
        ("difference from a sum", net =>
        {
            string skip = net.Relu(net.Conv("x", 6, 3, pad: 1));
            return net.Full(net.Relu(net.Subtract(net.Conv(skip, 6, 3, pad: 1), skip)), 5);
        }, 22),
        ("sum from what is skipped", net =>
        {
            string skip = net.Relu(net.Conv("x", 6, 3, pad: 1));
            return net.Full(net.Relu(net.Subtract(skip, net.Conv(skip, 6, 3, pad: 1))), 5);
        }, 22),
        ("difference of stored tensors", net =>
        {
            string a = net.Relu(net.Conv("x", 4, 3, pad: 1)), b = net.Relu(net.Conv("x", 4, 1));
            return net.Full(net.Subtract(a, b), 5);
        }, 22),
        ("leaky", net => net.Full(net.Point(PointFunctionKind.LeakyRelu, net.Conv("x", 6, 3, pad: 1), 0.1f), 5), 25),
        ("elu", net => net.Full(net.Point(PointFunctionKind.Elu, net.Conv("x", 6, 3, pad: 1), 1), 5), 25),
        ("hard swish", net => net.Full(net.Point(PointFunctionKind.HardSwish, net.Conv("x", 6, 3, pad: 1)), 5), 22),
        ("tanh, pooled and added", net =>
        {
            string a = net.Pool(net.Point(PointFunctionKind.Tanh, net.Conv("x", 6, 3, pad: 1)));
            return net.Full(net.Add(net.Conv(a, 6, 3, pad: 1), a), 5);
        }, 25),
        ("function of a function", net =>
            net.Full(net.Point(PointFunctionKind.LeakyRelu, net.Point(PointFunctionKind.Tanh, net.Conv("x", 6, 3, pad: 1)), 0.25f), 5), 22),
        ("sigmoid of scores", net => net.Point(PointFunctionKind.Sigmoid, net.Full(net.Relu(net.Conv("x", 6, 3, pad: 1)), 5)), 30),
    ];

    public static IEnumerable<object[]> StructureNames => Structures.Select(each => new object[] { each.Name });

    [TestMethod]
    [DynamicData(nameof(StructureNames))]
    public void Run_Structure_IsLegalAndCloseToFloat(string name)
    {
        (_, Func<SmallNetwork, string> build, double decibels) = Structures.Single(each => each.Name == name);
        SmallNetwork net = new(name.Length, new Shape(3, 8, 8));
        Graph graph = net.Build(build(net));
        ImageSet images = Noise(graph.InputShape, 96);
        QuantizationResult result = Quantizer.Run(graph, images, Fine);
        Assert.HasCount(0, Verifier.Check(result.Graph));
        Assert.HasCount(0, ProveRanges.Check(result.Graph));
        Assert.HasCount(0, MachineCheck.Check(result.Graph, 4), GraphPrinter.Print(result.Graph));
        CheckConventions(result.Graph);
        double measured = SignalToNoise(graph, result.Graph, images);
        Assert.IsGreaterThan(decibels, measured, $"{measured:F1} dB\n{GraphPrinter.Print(result.Graph)}");
        Assert.IsTrue(result.Layers.All(layer => layer.OutputSignalToNoise > decibels - 10), string.Join('\n', result.Layers));
    }

    [TestMethod]
    public void Run_OneOrTwoThreads_SameBytes()
    {
        (_, Func<SmallNetwork, string> build, _) = Structures.Single(each => each.Name == "option A shortcut");
        SmallNetwork net = new(77, new Shape(3, 8, 8));
        Graph graph = net.Build(build(net));
        ImageSet images = Noise(graph.InputShape, 64);
        byte[] one = GraphFile.Serialize(Quantizer.Run(graph, images, Fine with { Threads = 1 }).Graph);
        byte[] two = GraphFile.Serialize(Quantizer.Run(graph, images, Fine with { Threads = 2 }).Graph);
        CollectionAssert.AreEqual(one, two);
    }

    [TestMethod]
    public void Run_ZeroChannelAndZeroLayer_HaveScalesAndBiases()
    {
        GraphBuilder builder = new("zeros", "x", new Shape(2, 4, 4));
        string first = builder.Add("first", new Conv(3, new KernelWindow(1, 1), 1, [0, 0, 1, 0.5f, 1e-9f, 0], [5, 0, 1]), "x");
        string second = builder.Add("second", new Conv(2, new KernelWindow(1, 1), 1, [0, 0, 0, 0, 0, 0], [1, -2]),
            builder.Add("relu", new Clamp(0, float.PositiveInfinity), first));
        Graph graph = builder.Build(second);
        ImageSet images = Noise(graph.InputShape, 16);
        foreach (bool measures in new[] { true, false })
        {
            QuantizationResult result =
                Quantizer.Run(graph, images, Fine with { ErrorFeedback = measures, Refit = measures, BiasCorrection = measures });
            int[] scores = new IntegerReference(result.Graph)
                .Scores(InputImages.Integers(result.Graph, InputImages.Values(graph, images, 0)));
            double scale = result.Graph.TypeOf(result.Graph.OutputName).Scale;
            Assert.AreEqual(1, scores[0] * scale, 0.01);
            Assert.AreEqual(-2, scores[1] * scale, 0.01);
        }
    }

    [TestMethod]
    public void Run_TwoTermInput_HasTwiceTheChannelsAndWeights()
    {
        SmallNetwork net = new(3, new Shape(3, 8, 8));
        Graph graph = net.Build(net.Full(net.Relu(net.Conv("x", 6, 3, pad: 1)), 5));
        ImageSet images = Noise(graph.InputShape, 16);
        Graph two = Quantizer.Run(graph, images, Fine).Graph, one = Quantizer.Run(graph, images, Fine with { InputTerms = 1 }).Graph;
        Assert.AreEqual(6, two.TypeOf("x").Shape.Channels);
        Assert.AreEqual(3, one.TypeOf("x").Shape.Channels);
        IntegerConv conv = (IntegerConv)two.Nodes[0].Op;
        for (int k = 0; k < 6; k++)
            CollectionAssert.AreEqual(conv.Weights.AsSpan(k * 54, 27).ToArray(), conv.Weights.AsSpan(k * 54 + 27, 27).ToArray());
    }

    [TestMethod]
    public void Run_LayerFormats_AreUsed()
    {
        SmallNetwork net = new(4, new Shape(3, 8, 8));
        Graph graph = net.Build(net.Full(net.Relu(net.Conv(net.Relu(net.Conv("x", 6, 3, pad: 1)), 6, 3, pad: 1)), 5));
        QuantizerOptions options = new() { Layers = new Dictionary<string, LayerFormats> { ["n2"] = new(new(4, 2), new(5, 2)) } };
        Graph result = Quantizer.Run(graph, Noise(graph.InputShape, 16), options).Graph;
        Node node = result.Nodes.Single(each => each.Name == "n2");
        Assert.AreEqual("s4(2)", ((IntegerConv)node.Op).WeightFormat.ToString());
        Assert.AreEqual("u5(2)", result.TypeOf(node.Inputs[0]).Format.ToString());
        Assert.AreEqual("u8(3)", result.TypeOf(result.Nodes.Single(each => each.Name == "n4").Inputs[0]).Format.ToString());
    }

    [TestMethod]
    public void Check_PlainActivations_AreNoMachineOperands()
    {
        SmallNetwork net = new(5, new Shape(3, 8, 8));
        Graph graph = net.Build(net.Full(net.Relu(net.Conv("x", 6, 3, pad: 1)), 5));
        Graph result = Quantizer.Run(graph, Noise(graph.InputShape, 16), new QuantizerOptions { Activations = OperandFormat.Plain8 }).Graph;
        IReadOnlyList<Diagnostic> found = MachineCheck.Check(result, 3);
        Diagnostic one = found.Single();
        Assert.AreEqual("EBSP2016", one.Code);
        Assert.Contains("; 1 more operands are alike.", one.Cause);
        Assert.HasCount(0, MachineCheck.Check(Quantizer.Run(graph, Noise(graph.InputShape, 16), new QuantizerOptions()).Graph, 3));
    }

    [TestMethod]
    public void Check_FormatLongerThanTheMachines_IsNamed()
    {
        SmallNetwork net = new(6, new Shape(3, 8, 8));
        Graph graph = net.Build(net.Full(net.Relu(net.Conv("x", 6, 3, pad: 1)), 5));
        Graph result = Quantizer.Run(graph, Noise(graph.InputShape, 16), Fine).Graph;
        Diagnostic one = MachineCheck.Check(result, 3).Single();
        Assert.AreEqual("n0", one.Node);
        Assert.Contains("; 3 more operands are alike; --arch default-4 multiplies them.", one.Cause);
    }

    [TestMethod]
    public void Run_WrongImagesAndOptions_AreDiagnosed()
    {
        SmallNetwork net = new(7, new Shape(3, 8, 8));
        Graph graph = net.Build(net.Full("x", 5));
        ImageSet images = Noise(graph.InputShape, 4);
        Assert.AreEqual("EBSP2013", Code(() => Quantizer.Run(graph, Noise(new Shape(3, 8, 7), 4))));
        Assert.AreEqual("EBSP2013",
            Code(() => Quantizer.Run(graph, images with { Values = [.. images.Values!.Select((x, i) => i == 9 ? float.NaN : x)] })));
        Assert.AreEqual("EBSP2012", Code(() => Quantizer.Run(graph, images, new QuantizerOptions { Weights = new(9, 3) })));
        Assert.AreEqual("EBSP2012", Code(() => Quantizer.Run(graph, images, new QuantizerOptions { InputTerms = 3 })));
        Assert.AreEqual("EBSP2012",
            Code(() => Quantizer.Run(graph, images,
            new QuantizerOptions { Layers = new Dictionary<string, LayerFormats> { ["absent"] = new() } })));
        Assert.AreEqual("EBSP2012", Code(() => Quantizer.Run(Quantizer.Run(graph, images).Graph, images)));
        Graph softmax = net.Build(net.Node(new Clamp(0, 1), net.Node(new Softmax(), net.Full("x", 5))));
        Assert.AreEqual("EBSP2011", Code(() => Quantizer.Run(softmax, images)));

        static string Code(Action run) => Assert.ThrowsExactly<EbspException>(run).Diagnostics[0].Code;
    }

    [TestMethod]
    public void Check_AccumulatorBeyondInt32_IsRefused()
    {
        PatternFormat u8 = PatternFormat.Window(8, 4, signed: false), s8 = PatternFormat.Window(8, 4, signed: true);
        GraphBuilder builder = new("wide", "x", new Shape(100_000, 1, 1), new InputEncoding(u8, 1, 1));
        string acc = builder.Add("conv",
            new IntegerConv(1, new KernelWindow(1, 1), 1, s8, [.. Enumerable.Repeat((sbyte)120, 100_000)], [0]), "x");
        Assert.AreEqual("EBSP2014", ProveRanges.Check(builder.Build(acc)).Single().Code);
        builder.Add("big", new Requantize([int.MaxValue], false, 0, [long.MaxValue - 5], 40, -127, 127, PatternFormat.Uniform(8, true)),
            acc);
        Assert.AreEqual("EBSP2015", ProveRanges.Check(builder.Build("big"))[1].Code);
    }

    [TestMethod]
    public void Run_DigitsNetwork_AnswersAsFloat()
    {
        Graph graph = OnnxImporter.Import(TestData.Repository("samples/Digits/digits.onnx"),
            new ImportOptions(new Preprocessing(1 / 16.0, [0], [1])));
        ImageSet calibration = DataReader.Read(TestData.Repository("samples/Digits/digits-calibration.csv.gz"));
        ImageSet heldOut = DataReader.Read(TestData.Repository("samples/Digits/digits-heldout.csv.gz"));
        QuantizationResult result = Quantizer.Run(graph, calibration, new QuantizerOptions());
        (double whole, int same) = Accuracy.Compare(graph, result.Graph, heldOut);
        Assert.IsGreaterThanOrEqualTo(96.5, whole);
        Assert.IsGreaterThanOrEqualTo(heldOut.Count - 6, same);
        Assert.IsGreaterThan(18, SignalToNoise(graph, result.Graph, heldOut));
    }

    private static void CheckConventions(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            Node node = graph.Nodes[i];
            if (node.Op is not (IntegerConv or SumPool))
                continue;
            Assert.AreEqual(node.Name + ".acc", node.Output);
            Node[] readers = [.. graph.ConsumersOf(node.Output)];
            Assert.AreNotEqual(0, readers.Length);
            for (int r = 0; r < readers.Length; r++)
            {
                Assert.AreEqual(graph.Nodes[i + 1 + r], readers[r], "requantizations follow their accumulator");
                Assert.IsInstanceOfType<Requantize>(readers[r].Op);
                Assert.AreEqual(node.Output, readers[r].Inputs[0]);
            }
        }
    }

    internal static double SignalToNoise(Graph graph, Graph quantized, ImageSet images)
    {
        FloatInterpreter interpreter = new(graph);
        IntegerReference reference = new(quantized);
        double scale = quantized.TypeOf(quantized.OutputName).Scale, signal = 0, noise = 0;
        float[] scores = new float[interpreter.ScoreElements];
        for (int n = 0; n < images.Count; n++)
        {
            float[] values = InputImages.Values(graph, images, n);
            interpreter.Run(values, scores);
            int[] integers = reference.Scores(InputImages.Integers(quantized, values));
            double[] real = Array.ConvertAll(integers, integer => integer * scale);
            if (graph.OutputTransform == OutputTransform.None)
                OutputTransforms.Apply(real, (int)quantized.OutputTransform);
            for (int i = 0; i < scores.Length; i++)
            {
                signal += scores[i] * scores[i];
                noise += Math.Pow(scores[i] - real[i], 2);
            }
        }

        return 10 * Math.Log10(signal / noise);
    }

    internal static ImageSet Noise(Shape shape, int count)
    {
        Random random = new(12);
        float[] values = [.. Enumerable.Range(0, count * (int)shape.Elements)
            .Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))];
        return new ImageSet("noise", shape.Channels, shape.Height, shape.Width, count, [], null) { Values = values };
    }
}

using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Quantization.Calibration;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tests.Quantization;

/// <summary>Two-term operands, clips, equalization, the report, and the search under a budget.</summary>
[TestClass]
public class MeasuresTests
{
    [TestMethod]
    public void Run_TwoTermsOfEverything_CloserToFloatAndTheMachineAgrees()
    {
        Graph graph = MobileNet();
        ImageSet images = QuantizerTests.Noise(graph.InputShape, 64);
        OperandFormat one = new(8, 3), two = one with { Terms = 2 };
        QuantizerOptions options = new() { Weights = one, Activations = one, Threads = 2 };
        double plain = QuantizerTests.SignalToNoise(graph, Quantizer.Run(graph, images, options).Graph, images);
        Graph activations = Quantizer.Run(graph, images, options with { Activations = two }).Graph;
        Graph both = Quantizer.Run(graph, images, options with { Weights = two, Activations = two, First = two, Last = two }).Graph;
        Assert.IsGreaterThan(plain, QuantizerTests.SignalToNoise(graph, activations, images));
        Assert.IsGreaterThan(plain + 6, QuantizerTests.SignalToNoise(graph, both, images));
        foreach (Graph quantized in new[] { activations, both })
        {
            Assert.HasCount(0, MachineCheck.Check(quantized, 3));
            EbspProgram program = ModelCompiler.Compile(quantized, new CompileOptions(ArchPresets.Default, 1, new string('0', 64), ""));
            Machine machine = new(program);
            machine.WriteImage(0, images.ValuesOf(0));
            machine.Run();
            int[] scores = new int[program.Io.Output.Channels];
            machine.ReadIntegers(0, scores);
            CollectionAssert.AreEqual(new IntegerReference(quantized).Scores(InputImages.Integers(quantized, images.ValuesOf(0))), scores);
        }

        CollectionAssert.AreEqual(GraphFile.Serialize(activations),
            GraphFile.Serialize(Quantizer.Run(graph, images, options with { Activations = two, Threads = 1 }).Graph));
    }

    [TestMethod]
    [DataRow("8:4x2", true)]
    [DataRow("8:4x3", false)]
    [DataRow("8x2", false)]
    [DataRow("6:3rx2", false)]
    public void TryParse_TwoTerms_OfWindowFormatsAlone(string text, bool isValid)
    {
        Assert.AreEqual(isValid, OperandFormat.TryParse(text, out OperandFormat format));
        if (isValid)
            Assert.AreEqual(text, format.ToString());
    }

    [TestMethod]
    [DataRow("search", true)]
    [DataRow("max", true)]
    [DataRow("percentile:99.99", true)]
    [DataRow("percentile:100", true)]
    [DataRow("percentile:50", false)]
    [DataRow("percentile:NaN", false)]
    [DataRow("percentile:", false)]
    public void TryParse_Clip_IsReadAndWritten(string text, bool isValid)
    {
        Assert.AreEqual(isValid, ClipRule.TryParse(text, out ClipRule rule));
        if (isValid)
            Assert.AreEqual(text, rule.ToString());
    }

    [TestMethod]
    public void Run_Clips_AreThoseAskedFor()
    {
        Graph graph = MobileNet();
        ImageSet images = QuantizerTests.Noise(graph.InputShape, 64);
        QuantizerOptions options = new() { Threads = 2 };
        OperandReport max = Output(new ClipRule(ClipKind.Max)), percentile = Output(new ClipRule(ClipKind.Percentile, 95));
        Assert.AreEqual(0, max.ClippedShare);
        Assert.AreEqual(0.05, percentile.ClippedShare, 0.02);
        Assert.IsGreaterThan(percentile.Clip, max.Clip);

        OperandReport Output(ClipRule clip) => Quantizer.Run(graph, images, options with { Clip = clip }).Layers[0].OutputValues[0];
    }

    [TestMethod]
    public void Run_Report_SharesAddUp()
    {
        Graph graph = MobileNet();
        QuantizationResult result = Quantizer.Run(graph, QuantizerTests.Noise(graph.InputShape, 64), new QuantizerOptions { Threads = 2 });
        foreach (OperandReport row in result.Layers.SelectMany(layer => layer.OutputValues.Append(layer.WeightValues))
            .OfType<OperandReport>())
        {
            if (row.Format.IsPattern)
                Assert.AreEqual(1, row.ZeroShare + row.WindowShares.Sum(), 1e-9);
            Assert.IsTrue(row.ChangedShare is >= 0 and <= 1 && row.SignalToNoise > 10, row.ToString());
        }

        OperandReport output = result.Layers.SelectMany(layer => layer.OutputValues).First(row => row.Format.IsPattern);
        Assert.IsGreaterThan(output.SignalToNoise, output.UniformSignalToNoise);
    }

    [TestMethod]
    public void Equalize_ChannelsOfUnlikeRange_SameFunctionAndBetterScores()
    {
        SmallNetwork net = new(5, new Shape(3, 8, 8));
        Graph even = net.Build(net.Full(net.Relu(net.Conv(net.Relu(net.Conv("x", 16, 3, pad: 1)), 8, 1)), 5));
        Graph graph = even.WithNodes(even.Nodes.Select((node, i) => i switch
        {
            0 => node with { Op = Scaled((Conv)node.Op, Factor, output: true) },
            2 => node with { Op = Scaled((Conv)node.Op, k => 1 / Factor(k), output: false) },
            _ => node,
        }));
        ImageSet images = QuantizerTests.Noise(graph.InputShape, 64);
        Graph equalized = CrossLayerEqualization.Run(graph, InputCoding.Images(graph, images), 2);
        float[] before = FloatInterpreter.RunAll(graph, images.Values), after = FloatInterpreter.RunAll(equalized, images.Values);
        for (int i = 0; i < before.Length; i++)
            Assert.AreEqual(before[i], after[i], 1e-4);
        QuantizerOptions options =
            new() { Weights = new OperandFormat(8, 4), Activations = new OperandFormat(8, 4, Terms: 2), Threads = 2 };
        QuantizationResult without = Quantizer.Run(graph, images, options),
            with = Quantizer.Run(graph, images, options with { Equalize = true });
        Assert.IsTrue(with.IsEqualized);
        Assert.IsGreaterThan(without.ScoreSignalToNoise + 3, with.ScoreSignalToNoise);

        static double Factor(int k) => k % 4 == 0 ? 1 : 1 / 50.0;

        static Conv Scaled(Conv conv, Func<int, double> factor, bool output)
        {
            int row = conv.Weights.Length / conv.OutputChannels;
            return conv with
            {
                Weights = [.. conv.Weights.Select((weight, i) => (float)(weight * factor(output ? i / row : i % row)))],
                Bias = output ? [.. conv.Bias.Select((bias, k) => (float)(bias * factor(k)))] : conv.Bias,
            };
        }
    }

    [TestMethod]
    public void Search_Budget_IsMetAndNoUniformChoiceIsBetter()
    {
        Graph graph = MobileNet();
        ImageSet images = QuantizerTests.Noise(graph.InputShape, 48);
        ArchSpec arch = ArchPresets.Find("small-16")!;
        long uniform = Cycles(
            Quantizer.Run(graph, images,
            new QuantizerOptions { Weights = new(6, arch.PatternLength), Activations = new(6, arch.PatternLength), Threads = 2 }).Graph,
            arch);
        long budget = uniform * 9 / 8;
        BudgetResult found = BudgetSearch.Run(graph, images, new QuantizerOptions { Threads = 2 }, arch, budget);
        Assert.IsLessThanOrEqualTo(budget, Cycles(found.Quantized.Graph, arch));
        Assert.AreEqual(found.Chosen.Cycles, Cycles(found.Quantized.Graph, arch));
        Assert.IsTrue(found.Points.All(point => point.Cycles <= budget));
        Assert.IsTrue(found.Points.All(point => point.SignalToNoise <= found.Chosen.SignalToNoise));
        Assert.IsTrue(found.Chosen.IsPareto && !found.Chosen.IsUniform, string.Join('\n', found.Points));
        BudgetResult again = BudgetSearch.Run(graph, images, new QuantizerOptions { Threads = 1 }, arch, budget);
        CollectionAssert.AreEqual(GraphFile.Serialize(found.Quantized.Graph), GraphFile.Serialize(again.Quantized.Graph));
        Assert.AreEqual("EBSP2018",
            Assert.ThrowsExactly<EbspException>(() =>
            BudgetSearch.Run(graph, images, new QuantizerOptions(), arch, 10)).Diagnostics[0].Code);
    }

    [TestMethod]
    public void Part_OfEverySource_IsARunOfImages()
    {
        byte[] pixels = [1, 2, 3, 4, 5, 6];
        ImageSet held = new("held", 1, 1, 2, 3, pixels, [7, 8, 9]);
        ImageSet loaded = held with { Pixels = [], Load = n => pixels[(2 * n)..(2 * n + 2)], Names = ["a", "b", "c"] };
        ImageSet values = held with { Pixels = [], Values = [1, 2, 3, 4, 5, 6] };
        foreach (ImageSet part in new[] { held.Part(1, 2), loaded.Part(1, 2) })
        {
            CollectionAssert.AreEqual(new byte[] { 5, 6 }, part.PixelsOf(1).ToArray());
            CollectionAssert.AreEqual(new[] { 8, 9 }, part.Labels);
        }

        Assert.AreEqual("b", loaded.Part(1, 2).Names![0]);
        Assert.AreEqual(3f, values.Part(1, 2).ValuesOf(0)[0]);
    }

    private static long Cycles(Graph graph, ArchSpec arch) =>
        TimingModel.Run(ModelCompiler.Compile(graph, new CompileOptions(arch, 1, new string('0', 64), ""))).Cycles;

    // Convolution, depthwise, pointwise with a skip, scores.
    private static Graph MobileNet()
    {
        SmallNetwork net = new(31, new Shape(3, 8, 8));
        string stem = net.Relu(net.Conv("x", 16, 3, pad: 1), 2);
        string deep = net.Relu(net.Conv(stem, 16, 3, pad: 1, groups: 16));
        return net.Build(net.Full(net.Relu(net.Add(net.Conv(deep, 16, 1), stem)), 5));
    }
}

using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Reference;

/// <summary>Small already quantized networks on their own integers, beside their float graphs.</summary>
[TestClass]
public sealed class QdqReferenceTests
{
    private static readonly QuantizeDequantize Fine = new(0.125f, 3, -128, 127), Coarse = new(0.75f, 0, 0, 255);

    [TestMethod]
    public void Run_EveryOperation_IsTheFloatGraphWithinAStep()
    {
        GraphBuilder b = new("all", "x", new Shape(2, 5, 5));
        string x = b.Add("xq", Fine, "x");
        string conv = b.Add("conv",
            new Conv(3, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1), 1, Steps(54), [0.5f, -1, 0]) { WeightSteps = [0.5f] }, x);
        string affine = b.Add("affine", new ChannelAffine([1, 2, -0.5f], [0.25f, 0, 1]), conv);
        string one = b.Add("one", Coarse, b.Add("relu", new Clamp(0, 40), affine));
        string two = b.Add("two", Fine,
            b.Add("skip", new Conv(3, new KernelWindow(1, 1), 1, Steps(6), [0, 0, 1]) { WeightSteps = [0.5f] }, x));
        string sum = b.Add("sum", new QuantizeDequantize(0.5f, 10, 0, 255), b.Add("add", new Add(), one, two));
        string mean = b.Add("mean", Fine, b.Add("average", new AveragePool(new KernelWindow(3, 3, 2, 2, 1, 1, 1, 1), false, false), sum));
        string max = b.Add("max", new MaxPool(new KernelWindow(3, 3, 2, 2, 1, 1, 1, 1), false), sum);
        string joined = b.Add("joined", Coarse, b.Add("concat", new Concat(), mean, max));
        string cut = b.Add("pad", new Pad(0, 1, 0, 1, 0, 0), b.Add("slice", new Slice(1, 4, 0, 2, 2, 1, 1, 2), joined));
        string fc = b.Add("fc", new FullyConnected(2, Steps(5 * 2 * 3 * 2), [1, -1]) { WeightSteps = [0.5f, 0.5f] }, cut);
        Graph graph = b.Build(b.Add("scores", new QuantizeDequantize(1, 0, -128, 127), fc), OutputTransform.None);
        Verifier.Verify(graph);
        QdqReference reference = new(graph);
        Random random = new(5);
        for (int n = 0; n < 20; n++)
        {
            float[] image = [.. Enumerable.Range(0, 50).Select(_ => (float)(random.NextDouble() * 30 - 15))];
            Dictionary<string, float[]> real = [];
            FloatInterpreter interpreter = new(graph);
            interpreter.Run(image, new float[2], (name, values) => real[name] = values.ToArray());
            IReadOnlyDictionary<string, int[]> made = reference.Tensors(image);
            Assert.HasCount(10, made);
            // Scales are powers of two or small multiples: float32 is exact, and so the steps are the same.
            foreach (string tensor in new[] { x, one, two, sum, mean, max, joined, cut, "scores" })
            {
                Shape shape = graph.TypeOf(tensor).Shape;
                float scale = tensor == max ? 0.5f : tensor == cut || tensor == joined || tensor == one ? Coarse.Scale
                    : tensor == sum ? 0.5f : tensor == "scores" ? 1 : Fine.Scale;
                for (int i = 0; i < made[tensor].Length; i++)
                {
                    float value = real[tensor][i % shape.Channels * shape.Height * shape.Width + i / shape.Channels];
                    Assert.AreEqual(value, made[tensor][i] * scale, $"{tensor}, {i}");
                }
            }
        }
    }

    [TestMethod]
    public void Prepare_WithoutQuantization_NamesWhatIsMissing()
    {
        GraphBuilder b = new("bare", "x", new Shape(1, 2, 2));
        string x = b.Add("xq", Fine, "x");
        string conv = b.Add("conv", new Conv(1, new KernelWindow(1, 1), 1, [1], [0]) { WeightSteps = [1] }, x);
        Graph noOutput = b.Build(conv);
        StringAssert.Contains(Refusal(noOutput).Cause, "'conv'");
        string second = b.Add("second", new Conv(1, new KernelWindow(1, 1), 1, [0.3f], [0]), b.Add("q", Fine, conv));
        StringAssert.Contains(Refusal(b.Build(b.Add("out", Fine, second))).Cause, "weights on a grid");
        Assert.IsFalse(QdqReference.IsQuantized(Networks.Import("mnist-8")));
    }

    private static Diagnostic Refusal(Graph graph)
    {
        Diagnostic found = Assert.ThrowsExactly<EbspException>(() => new QdqReference(graph)).Diagnostics.Single();
        Assert.AreEqual("EBSP2021", found.Code);
        return found;
    }

    private static ImmutableArray<float> Steps(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 31 % 17 - 8) * 0.5f)];
}

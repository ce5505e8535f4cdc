using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;
using Ebsp.TestKit;
using Ebsp.Training.Data;
using Ebsp.Training.Export;
using Ebsp.Training.Loop;
using Ebsp.Training.Modules;
using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Tests.Loop;

/// <summary>The integers that are written against what training computes.</summary>
[TestClass]
public sealed class EmissionTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    public void Emit_OfResNet8_IsWhatTrainingComputes(bool takesWeights, bool isNormalized)
    {
        Torch.Require();
        using var all = NewDisposeScope();
        Graph graph = FloatPasses.Run(ModelFile.Open(TestData.File("models/resnet8-cifar10.onnx")).Graph!);
        ImageSet images = DataReader.Read(TestData.File("cifar10/test_8000.med.br"), new DataOptions { Count = 192 });
        QuantizationResult quantized = Quantizer.Run(graph, images.Part(0, 64), new QuantizerOptions());
        QuantizationPlan plan = quantized.Emitted.Plan;
        using TrainableNetwork network = new(plan);
        network.Quantize(quantized.Emitted, takesWeights);
        Batches batches = new(plan.Graph, images, quantized.Emitted.Input, 10);
        int[] places = [.. Enumerable.Range(0, 128)];
        if (isNormalized)
        {
            Statistics.Normalize(network, [.. network.Layers.Select(each => each.Layer).Where(layer => layer.Node.Op is Conv)],
                [batches.Batch(places, default, null, isReal: false).Stored]);
        }

        Graph emitted = TrainedScales.Emit(network);
        Dictionary<string, float[]> real = [];
        network.Observer = (name, x) => real[name] = x.permute(0, 2, 3, 1).contiguous().Floats().ToArray();
        float[] scores;
        using (no_grad())
        {
            Tensor stored = batches.Batch(places, default, null, isReal: false).Stored;
            scores = network.Run(stored, isTraining: false).contiguous().Floats().ToArray();
        }

        IntegerReference reference = new(emitted);
        Dictionary<string, (int Wrong, int All)> differing = [];
        int same = 0;
        foreach (int n in places)
        {
            ReferenceRun run = reference.Run(InputImages.Integers(emitted, InputImages.Values(emitted, images, n)));
            foreach (PlannedStep step in plan.Steps)
            {
                foreach (string name in new[] { step.Output, step.Output + ".p" })
                {
                    if (!run.Tensors.TryGetValue(name, out int[]? values) || !real.TryGetValue(step.Output, out float[]? x)
                        || emitted.TypeOf(name) is not { Format: { Bits: <= 8 } format } type)
                        continue;
                    int size = values.Length;
                    float[] codes = new float[size];
                    FloatProjection.Requantize(x.AsSpan(n * size, size), (float)(1 / type.Scale), 1, format, 1,
                        step is LayerStep { Minimum: >= 0 } ? 0 : int.MinValue, int.MaxValue, codes);
                    (int wrong, int count) = differing.GetValueOrDefault(name);
                    differing[name] = (wrong + values.Where((v, i) => v != (int)codes[i]).Count(), count + size);
                }
            }

            int[] output = run.Tensors[emitted.OutputName];
            double[] wanted = Array.ConvertAll(scores[(n * 10)..(n * 10 + 10)], value => (double)value);
            same += Best(Array.ConvertAll(output, value => (double)value)) == Best(wanted) ? 1 : 0;
        }

        foreach ((string name, (int wrong, int count)) in differing)
            TestContext.WriteLine($"{name}: {wrong} of {count}");
        TestContext.WriteLine($"{same} of {places.Length} answers are the same");
        // Sums in another order, at a tie.
        Assert.IsGreaterThanOrEqualTo(places.Length - 1, same);
        Assert.IsTrue(differing.Values.All(each => each.Wrong < 0.003 * each.All));

        static int Best(double[] values) => Array.IndexOf(values, values.Max());
    }
}

using System.Security.Cryptography;
using Ebsp.Compiler;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.Training.Data;
using Ebsp.Training.Loop;
using Ebsp.Training.Networks;

namespace Ebsp.Training.Tests.Loop;

/// <summary>Whole runs on the digits, small enough to take seconds.</summary>
[TestClass]
public sealed class TrainerTests
{
    private static readonly TrainingOptions Short = new()
    {
        Batch = 32, FloatEpochs = 4, Epochs = 2, FloatRate = 0.05, Rate = 0.01, Augmentation = new Augmentation(1, false), Calibration = 64,
        EstimationBatches = 4,
    };

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Run_OfTheDigits_LearnsThemAndEveryExecutorAgrees()
    {
        Torch.Require();
        (ImageSet data, ImageSet test) = Digits();
        Recorder recorder = new();
        TrainingResult result = new Trainer(BuiltInNetworks.Create("digits", 1), data, test, Short, recorder).Run();
        Assert.HasCount(6, recorder.Rows);
        IntegerExecutor reference = new(result.Integer);
        float[] scores = reference.Run(test);
        Compiler.Reports.Accuracy accuracy = Compiler.Reports.Accuracy.Of(scores, test.Labels!);
        Assert.IsGreaterThan(0.95, accuracy.Share);
        // Tensor operations and integers differ by roundings at ties alone.
        Assert.AreEqual(recorder.Rows[^1].TestAccuracy, accuracy.Share, 0.012);

        EbspProgram program = ModelCompiler.Compile(result.Integer, new CompileOptions(ArchPresets.Default, 1, "", ""));
        CollectionAssert.AreEqual(scores, new MachineExecutor(program).Run(test));
        Verification tiles = new(program, "digits");
        tiles.Run(test.Part(0, 4), [("literal", new MachineOptions { Engine = EngineKind.Literal }), ("fast", new MachineOptions())]);
        Assert.IsNull(tiles.First);
        OnPattern(result.Integer, test);
    }

    [TestMethod]
    [DataRow(0, 0.0, 0.0)]
    [DataRow(2, 0.9, 0.3)]
    public void Run_WithTheSameSeed_WritesTheSameFileAlsoWhenStoppedAndResumed(int evolve, double average, double frozenNorm)
    {
        Torch.Require();
        using TemporaryFolder folder = new();
        (ImageSet data, _) = Digits();
        TrainingOptions options = Short with
        {
            FloatEpochs = 1, Epochs = 2, Evolve = evolve, Average = average, FrozenNorm = frozenNorm, Select = evolve * 50,
        };
        Graph graph = BuiltInNetworks.Create("digits", 5);
        string whole = Hash(new Trainer(graph, data, null, options, new Recorder()).Run());
        string checkpoint = folder.File("run.checkpoint");
        Random random = new(11);
        int stops = 0;
        TrainingResult? result = null;
        while (result is null)
        {
            // Stopped after some steps, in either phase, mid-epoch mostly.
            using CancellationTokenSource stop = new();
            int steps = random.Next(7, 40);
            Recorder recorder = new() { Stepping = () => { if (--steps == 0) stop.Cancel(); } };
            try
            {
                result = new Trainer(graph, data, null, options, recorder, checkpoint).Run(File.Exists(checkpoint), stop.Token);
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }

        Assert.IsGreaterThan(2, stops);
        Assert.AreEqual(whole, Hash(result));
        Assert.AreNotEqual(whole, Hash(new Trainer(graph, data, null, options with { Seed = 2 }, new Recorder()).Run()));
    }

    [TestMethod]
    public void Run_ThatSelects_WritesTheBestEpochAndNotTheLast()
    {
        Torch.Require();
        (ImageSet data, ImageSet test) = Digits();
        Recorder recorder = new();
        // At this rate training destroys what it starts from.
        TrainingOptions options = Short with { Rate = 5, WarmUp = 0, Epochs = 1, Select = 200 };
        TrainingResult result = new Trainer(BuiltInNetworks.Create("digits", 1), data, test, options, recorder).Run();
        Assert.IsLessThan(0.9, recorder.Rows[^1].TestAccuracy);
        Assert.IsGreaterThan(0.95, Compiler.Reports.Accuracy.Of(new IntegerExecutor(result.Integer).Run(test), test.Labels!).Share);
        Assert.StartsWith("written: epoch 0, ", recorder.Notes.Single());
    }

    [TestMethod]
    [DataRow(2, 0.0, 0.0)]
    [DataRow(0, 0.99, 0.0)]
    [DataRow(0, 0.0, 0.5)]
    public void Run_ThatEvolvesAveragesOrFreezes_ScoresWhatItWrites(int evolve, double average, double frozenNorm)
    {
        Torch.Require();
        (ImageSet data, ImageSet test) = Digits();
        Recorder recorder = new();
        TrainingResult result = new Trainer(BuiltInNetworks.Create("digits", 1), data, test,
            Short with { Evolve = evolve, Average = average, FrozenNorm = frozenNorm }, recorder).Run();
        OnPattern(result.Integer, test);
        double share = Compiler.Reports.Accuracy.Of(new IntegerExecutor(result.Integer).Run(test), test.Labels!).Share;
        Assert.IsGreaterThan(0.95, share);
        // Tensor operations and integers differ by roundings at ties alone.
        Assert.AreEqual(recorder.Rows[^1].TestAccuracy, share, 0.012);
    }

    [TestMethod]
    [DataRow("3:2")]
    [DataRow("6:1")]
    [DataRow("5")]
    [DataRow("6:2x2")]
    public void Run_OfOtherFormats_ExportsThem(string formats)
    {
        Torch.Require();
        Assert.IsTrue(OperandFormat.TryParse(formats, out OperandFormat format));
        (ImageSet data, ImageSet test) = Digits();
        TrainingOptions options = Short with
        {
            Epochs = 1, FloatEpochs = 2, Formats = new QuantizerOptions { Weights = format, Activations = format },
        };
        TrainingResult result = new Trainer(BuiltInNetworks.Create("digits", 1), data, null, options, new Recorder()).Run();
        Assert.IsTrue(result.Integer.IsInteger);
        if (format.PatternLength > 0 && format.Terms == 1)
            OnPattern(result.Integer, test);
        Assert.IsGreaterThan(0.6, Compiler.Reports.Accuracy.Of(new IntegerExecutor(result.Integer).Run(test), test.Labels!).Share);
    }

    [TestMethod]
    public void Run_WithoutLabels_FollowsTheFloatNetwork()
    {
        Torch.Require();
        (ImageSet data, ImageSet test) = Digits();
        TrainingOptions options = Short with { Epochs = 0 };
        Graph real = new Trainer(BuiltInNetworks.Create("digits", 1), data, null, options, new Recorder()).Run().Float;
        OperandFormat narrow = new(4, 1);
        TrainingResult result = new Trainer(real, data with { Labels = null }, test with { Labels = null }, Short with
        {
            FloatEpochs = 0, Distillation = 1, BatchNorm = true, Formats = new QuantizerOptions { Weights = narrow, Activations = narrow },
        }, new Recorder()).Run();
        float[] wanted = new FloatExecutor(real).Run(test);
        int before = Agreeing(result.Quantized.Graph), after = Agreeing(result.Integer);
        TestContext.WriteLine($"{before} of {test.Count} answers before, {after} after");
        Assert.IsGreaterThanOrEqualTo(before, after);

        int Agreeing(Graph graph)
        {
            float[] scores = new IntegerExecutor(graph).Run(test);
            return Enumerable.Range(0, test.Count).Count(n => Best(scores, n) == Best(wanted, n));
        }

        static int Best(float[] scores, int n) => Enumerable.Range(0, 10).MaxBy(k => scores[n * 10 + k]);
    }

    [TestMethod]
    public void Trainer_OfImagesThatDoNotFit_SaysWhy()
    {
        Torch.Require();
        (ImageSet data, _) = Digits();
        Graph graph = BuiltInNetworks.Create("digits", 1);
        Refused("EBSP5002", "less than one batch", data.Part(0, 20));
        Refused("EBSP5002", "has the label 10", data with { Labels = [.. data.Labels!.Select((label, i) => i == 3 ? 10 : label)] });
        Refused("EBSP5002", "no labels", data with { Labels = null });
        Refused("EBSP5002", "images of", data with { Height = 4, Width = 16 });

        void Refused(string code, string cause, ImageSet images)
        {
            EbspException e = Assert.ThrowsExactly<EbspException>(() => new Trainer(graph, images, null, Short, new Recorder()).Run());
            Assert.AreEqual(code, e.Diagnostics[0].Code);
            StringAssert.Contains(e.Diagnostics[0].Cause, cause);
        }
    }

    [TestMethod]
    public void Run_ThatDiverges_NamesLayerAndStep()
    {
        Torch.Require();
        (ImageSet data, _) = Digits();
        TrainingOptions options = Short with { FloatRate = 1e30, WarmUp = 0 };
        EbspException e = Assert.ThrowsExactly<EbspException>(() =>
            new Trainer(BuiltInNetworks.Create("digits", 1), data, null, options, new Recorder()).Run());
        Assert.AreEqual("EBSP5003", e.Diagnostics[0].Code);
        StringAssert.Contains(e.Diagnostics[0].Cause, "of epoch 1");
    }

    [TestMethod]
    public void Run_FromACheckpointOfAnotherRunOrADamagedOne_IsRefused()
    {
        Torch.Require();
        using TemporaryFolder folder = new();
        (ImageSet data, _) = Digits();
        string checkpoint = folder.File("run.checkpoint");
        TrainingOptions options = Short with { FloatEpochs = 1, Epochs = 0 };
        new Trainer(BuiltInNetworks.Create("digits", 1), data, null, options, new Recorder(), checkpoint).Run();
        Refused(options with { Rate = 0.5 }, "another network or with other options");
        byte[] bytes = File.ReadAllBytes(checkpoint);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(checkpoint, bytes);
        Refused(options, "damaged");

        void Refused(TrainingOptions with, string cause)
        {
            EbspException e = Assert.ThrowsExactly<EbspException>(() =>
                new Trainer(BuiltInNetworks.Create("digits", 1), data, null, with, new Recorder(), checkpoint).Run(resume: true));
            Assert.AreEqual("EBSP5004", e.Diagnostics[0].Code);
            StringAssert.Contains(e.Diagnostics[0].Cause, cause);
        }
    }

    // Every weight and every stored operand of some images.
    private static void OnPattern(Graph graph, ImageSet images)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is IntegerConv conv)
                Assert.IsTrue(conv.Weights.All(weight => conv.WeightFormat.Contains(weight)), node.Name);
        }

        IntegerReference reference = new(graph);
        for (int n = 0; n < 8; n++)
        {
            foreach ((string tensor, int[] values) in reference.Run(InputImages.Integers(graph, InputImages.Values(graph, images,
                n))).Tensors)
            {
                if (graph.TypeOf(tensor).Format is { IsPattern: true } format)
                    Assert.IsTrue(values.All(format.Contains), tensor);
            }
        }
    }

    private static (ImageSet Data, ImageSet Test) Digits()
    {
        ImageSet all = DataReader.Read(TestData.File("digits/digits.csv.gz"));
        int[] order = new Numbers(1, "test", 0).Order(all.Count);
        return (ImageSets.Picked(all, order.AsSpan(0, 1400)), ImageSets.Picked(all, order.AsSpan(1400)));
    }

    private static string Hash(TrainingResult result) => Convert.ToHexStringLower(SHA256.HashData(GraphFile.Serialize(result.Integer)));

    private sealed class Recorder : ITrainingObserver
    {
        public List<EpochRow> Rows { get; } = [];

        public Action? Stepping { get; init; }

        public void Stepped(TrainingStatus status) => Stepping?.Invoke();

        public void Quantized(QuantizationResult result)
        {
        }

        public void Finished(EpochRow row, string table) => Rows.Add(row);

        public List<string> Notes { get; } = [];

        public void Note(string line) => Notes.Add(line);

        public void Whole(Action action) => action();
    }
}

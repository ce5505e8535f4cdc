using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Quantization;

[TestClass]
public class AccuracyTests
{
    private static readonly OperandFormat[] _formats = [new(8, 4), new(8, 3), new(6, 4), new(6, 3), new(5, 3)];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("resnet20-cifar10", 6, 3, 87.0)]
    [DataRow("resnet8-cifar10", 8, 4, 82.0)]
    [DataRow("mnist-8", 6, 3, 97.0)]
    [DataRow("mnist-burn", 5, 3, 97.0)]
    public void Run_FewImages_KeepsAccuracy(string network, int bits, int patternLength, double least)
    {
        Graph graph = Networks.Import(network);
        ImageSet images = Networks.Images(network, 100);
        OperandFormat format = new(bits, patternLength);
        QuantizationResult result = Quantizer.Run(graph, Calibration(network, 64), new QuantizerOptions { Weights = format, Activations = format });
        Assert.HasCount(0, MachineCheck.Check(result.Graph, patternLength));
        (double whole, int same) = Accuracy.Compare(graph, result.Graph, images);
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{network} {format}: {whole:F1} %, {same} of 100 as float"));
        Assert.IsGreaterThanOrEqualTo(least, whole);
        Assert.IsGreaterThanOrEqualTo(93, same);
    }

    [TestMethod]
    [DataRow(8, 4, 82.0)]
    [DataRow(6, 3, 80.0)]
    public void Run_QuantisedNetworkWithoutImages_KeepsAccuracy(int bits, int patternLength, double least)
    {
        Graph graph = Networks.Import("resnet8-cifar10-int8.qdq");
        OperandFormat format = new(bits, patternLength);
        Graph quantised = Quantizer.Run(graph, null, new QuantizerOptions { Weights = format, Activations = format }).Graph;
        Assert.HasCount(0, MachineCheck.Check(quantised, patternLength));
        // Behind the first rectifier the file's range, 255 steps of one scale, stands for calibration.
        TensorType first = quantised.Types["n00.act"];
        Assert.AreEqual(255 * 0.039393551647663116 / first.Format!.Value.MaxMagnitude, first.Scale, 1e-12);
        Assert.IsFalse(first.Format!.Value.Signed);
        (double whole, int same) = Accuracy.Compare(graph, quantised, Networks.Images("resnet8-cifar10", 100));
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"without images, {format}: {whole:F1} %, {same} of 100 as the 8-bit network"));
        Assert.IsGreaterThanOrEqualTo(least, whole);
    }

    [TestMethod]
    [DataRow("resnet8-cifar10", 86.9)]
    [DataRow("resnet20-cifar10", 91.49)]
    [DataRow("resnet32-cifar10", 92.41)]
    [DataRow("resnet56-cifar10", 93.20)]
    [DataRow("nascifarnet-cifar10", 90.09)]
    [DataRow("mnist-8", 98.91)]
    [DataRow("mnist-burn", 99.16)]
    public void Run_AllImages_Table(string network, double published)
    {
        LongMode.Require();
        Graph graph = Networks.Import(network);
        ImageSet images = Networks.Images(network, network.StartsWith("mnist", StringComparison.Ordinal) ? 10_000 : 8_000);
        ImageSet calibration = Calibration(network, 512);
        double real = Accuracy.Float(graph, images);
        Assert.AreEqual(published, real, 0.1);
        List<string> row = [string.Create(CultureInfo.InvariantCulture, $"{network}: float {real:F2}")];
        foreach (OperandFormat format in _formats)
        {
            QuantizerOptions both = new() { Weights = format, Activations = format };
            double machine = Accuracy.Integer(Quantizer.Run(graph, calibration, both).Graph, images);
            double weightsOnly = Accuracy.Integer(Quantizer.Run(graph, calibration, both with { Activations = OperandFormat.Plain8 }).Graph, images);
            row.Add(string.Create(CultureInfo.InvariantCulture, $"{format} {machine:F2} (weights only {weightsOnly:F2})"));
            Assert.IsGreaterThan(real - (format.Bits == 8 ? 1.0 : 2.0), machine, row[^1]);
        }

        foreach (int bits in new[] { 8, 6 })
        {
            OperandFormat uniform = new(bits, 0, FormatKind.Uniform);
            QuantizerOptions plain = new() { Weights = uniform, Activations = uniform, First = OperandFormat.Plain8, Last = OperandFormat.Plain8 };
            row.Add(string.Create(CultureInfo.InvariantCulture, $"uniform int{bits} {Accuracy.Integer(Quantizer.Run(graph, calibration, plain).Graph, images):F2}"));
        }

        TestContext.WriteLine(string.Join(" | ", row));
    }

    // Calibrated on the last 50 of the 500 images, scored on the first 450.
    [TestMethod]
    [DataRow("mobilenetv1-0.25-128", 88)]
    [DataRow("mobilenetv1-0.5-160", 90)]
    [DataRow("mobilenetv2-1.0-224-ptq", 95)]
    public void Run_ImageNet_TwoTermActivationsAnswerAsFloat(string network, double leastSame)
    {
        LongMode.Require();
        Graph graph = Networks.Import(network);
        int size = graph.InputShape.Height;
        ImageSet all = DataReader.Read(TestData.File("imagenet/val500-jpeg.zip"), new DataOptions
        {
            LabelsPath = TestData.File("imagenet/val500-labels.csv"), LabelOffset = 1,
            Resize = size < 200 ? new ImageSize(size, size) : null, Crop = size < 200 ? null : new ImageSize(size, size),
        });
        ImageSet scored = all.Part(0, 450);
        foreach ((OperandFormat activations, double least) in new[] { (new OperandFormat(8, 4), 0), (new OperandFormat(8, 4, Terms: 2), leastSame) })
        {
            QuantizerOptions options = new() { Weights = new(8, 4), Activations = activations };
            (double right, int same) = Accuracy.Compare(graph, Quantizer.Run(graph, all.Part(450, 50), options).Graph, scored);
            TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{network} 8:4/{activations}: {right:F1} %, {same / 4.5:F1} % as float"));
            Assert.IsGreaterThanOrEqualTo(least, same / 4.5);
        }
    }

    [TestMethod]
    public void Search_ResNet20_FewerCyclesThanUniformTwoTermsAtNoLessAccuracy()
    {
        LongMode.Require();
        Graph graph = Networks.Import("resnet20-cifar10");
        ImageSet images = Networks.Images("resnet20-cifar10", 8_000), calibration = Calibration("resnet20-cifar10", 512);
        OperandFormat format = new(8, 3);
        Graph uniform = Quantizer.Run(graph, calibration, new QuantizerOptions { Weights = format, Activations = format with { Terms = 2 } }).Graph;
        BudgetResult found = BudgetSearch.Run(graph, calibration, new QuantizerOptions(), ArchPresets.Default, 55_000);
        long cycles = TimingModel.Run(ModelCompiler.Compile(uniform, new CompileOptions(ArchPresets.Default, 1, new string('0', 64), ""))).Cycles;
        double all = Accuracy.Integer(uniform, images), some = Accuracy.Integer(found.Quantised.Graph, images);
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"uniform {all:F2} % in {cycles} cycles, found {some:F2} % in {found.Chosen.Cycles}"));
        Assert.IsLessThan(0.95 * cycles, found.Chosen.Cycles);
        Assert.IsGreaterThanOrEqualTo(all, some);
    }

    // Already quantised networks quantised again, with calibration images and without, beside uniform integers of the same pipeline.
    [TestMethod]
    [DataRow("resnet8-cifar10-int8.qdq", 8_000)]
    [DataRow("mobilenetv1-0.25-128.qdq", 200)]
    [DataRow("mobilenetv1-0.5-160.qdq", 100)]
    [DataRow("mobilenetv2-1.0-224-ptq.qdq", 100)]
    public void Run_QuantisedNetwork_Table(string network, int count)
    {
        LongMode.Require();
        Graph graph = Networks.Import(network);
        ImageSet images = Networks.Images(network, count);
        bool isSmall = network.StartsWith("resnet", StringComparison.Ordinal);
        // The last of the 500 photographs are in no other set.
        ImageSet calibration = isSmall ? Calibration(network, 512)
            : network.Contains("0.25", StringComparison.Ordinal) ? Last(Networks.Photographs("val500-jpeg.zip", 500, resize: new ImageSize(128, 128)), 50)
            : Last(Networks.Photographs("val500-jpeg.zip", 500, crop: images.Height == 160 ? new ImageSize(160, 160) : new ImageSize(224, 224)), network.Contains("v2", StringComparison.Ordinal) ? 16 : 50);
        List<string> row = [string.Create(CultureInfo.InvariantCulture, $"{network}: float graph {Accuracy.Float(graph, images):F2}")];
        foreach (OperandFormat format in (OperandFormat[])[new(8, 4), new(6, 4), new(6, 3), OperandFormat.Plain8, new(6, 0, FormatKind.Uniform)])
        {
            QuantizerOptions both = new() { Weights = format, Activations = format };
            double without = Accuracy.Integer(Quantizer.Run(graph, null, both).Graph, images);
            double with = Accuracy.Integer(Quantizer.Run(graph, calibration, both).Graph, images);
            row.Add(string.Create(CultureInfo.InvariantCulture, $"{format} without images {without:F2}, with {with:F2}"));
        }

        TestContext.WriteLine(string.Join(" | ", row));
    }

    private static ImageSet Last(ImageSet images, int count) =>
        images with { Count = count, Pixels = [], Load = n => images.PixelsOf(images.Count - count + n).ToArray(), Labels = images.Labels![^count..] };

    private static ImageSet Calibration(string network, int count) => DataReader.Read(
        TestData.File(network.StartsWith("mnist", StringComparison.Ordinal) ? "mnist/train-images-idx3-ubyte.gz" : "cifar10/train_1.med.br"),
        new DataOptions { Count = count });
}

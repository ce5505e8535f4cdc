using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Tests.Quantization;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Networks of users that once ended in an internal error, a program that nobody could open, or a wrong answer unsaid.</summary>
[TestClass]
public sealed class FaultTests
{
    [TestMethod]
    [DataRow("norm_in")]
    [DataRow("in_relu")]
    [DataRow("in_gap")]
    [DataRow("cm_pool_first")]
    [DataRow("slice_cat_conv")]
    public void Compile_NetworkWithKnownAnswers_OpensAndAnswersRight(string name)
    {
        Graph graph = ModelReader.Read(TestData.File($"faults/{name}.onnx"));
        ImageSet images = DataReader.Read(TestData.File($"faults/{name}.x.npy"));
        float[] right = (float[])NpyFile.Read(TestData.File($"faults/{name}.ref.npy")).Data;
        float[] scores = FloatInterpreter.RunAll(graph, images.Values!);
        Assert.HasCount(right.Length, scores);
        for (int i = 0; i < right.Length; i++)
            Assert.AreEqual(right[i], scores[i], 1e-4 * (1 + Math.Abs(right[i])), $"score {i}");
        CompileAndRun(graph, images, 20);
    }

    [TestMethod]
    [DataRow("b12_pre_bn")]
    [DataRow("b11_input_add")]
    [DataRow("bn_alone_between_adds")]
    [DataRow("b9_concat_scales")]
    [DataRow("two_outputs")]
    [DataRow("convtranspose")]
    [DataRow("depthtospace")]
    [DataRow("resize_nearest")]
    [DataRow("upsample")]
    public void Compile_Network_OpensAndExecutorsAgree(string name)
    {
        Graph graph = ModelReader.Read(TestData.File($"faults/{name}.onnx"));
        CompileAndRun(graph, QuantizerTests.Noise(graph.InputShape, 32), 15);
    }

    [TestMethod]
    [DataRow("conv_dil256.onnx", "EBSP3002", "a dilation of 256")]
    [DataRow("conv_stride256.onnx", "EBSP3002", "a stride of 256")]
    [DataRow("pool_stride256.onnx", "EBSP3002", "a stride of 256")]
    [DataRow("name1021.onnx", "EBSP1004", "a name of 1021 bytes")]
    [DataRow("ir-exc-2017792.f.pb", "EBSP2002", "is the input")]
    [DataRow("onnx-exc-1007299.onnx", "EBSP1007", "input 0 is missing")]
    public void Compile_BeyondTheMachine_SaysTheCause(string file, string code, string cause)
    {
        EbspException refused = Assert.ThrowsExactly<EbspException>(() =>
        {
            Graph graph = ModelReader.Read(TestData.File($"faults/{file}"));
            Compile(Quantizer.Run(graph, QuantizerTests.Noise(graph.InputShape, 8), Options));
        });
        Assert.AreEqual(code, refused.Diagnostics[0].Code, refused.Message);
        Assert.Contains(cause, refused.Diagnostics[0].Cause);
    }

    [TestMethod]
    public void Quantize_ValuesThatFloat32CannotMultiply_SaysTheCause()
    {
        Graph graph = ModelReader.Read(TestData.File("faults/conv_dil256.onnx"));
        ImageSet images = DataReader.Read(TestData.File("faults/fmax.npy"));
        EbspException refused = Assert.ThrowsExactly<EbspException>(() => Quantizer.Run(graph, images, Options));
        Assert.AreEqual("EBSP2013", refused.Diagnostics[0].Code, refused.Message);
        ImageSet noise = QuantizerTests.Noise(graph.InputShape, 8);
        ImageSet loud = noise with { Values = [.. noise.Values!.Select((x, i) => i == 0 ? 1e30f : x)] };
        refused = Assert.ThrowsExactly<EbspException>(() => Quantizer.Run(graph, loud, Options));
        Assert.AreEqual("EBSP2013", refused.Diagnostics[0].Code, refused.Message);
        refused = Assert.ThrowsExactly<EbspException>(() => ModelReader.Read(TestData.File("faults/weights_1e+30.onnx")));
        Assert.AreEqual("EBSP2003", refused.Diagnostics[0].Code, refused.Message);
    }

    [TestMethod]
    public void Quantize_MeaninglessCalibration_Warns()
    {
        Graph graph = ModelReader.Read(TestData.File("faults/dead.onnx"));
        IReadOnlyList<Diagnostic> blank =
            Quantizer.Run(graph, DataReader.Read(TestData.File("faults/dead.blank.npy")), Options).Warnings;
        Assert.IsTrue(blank.All(warning => warning is { IsWarning: true, Code: "EBSP2022" }));
        Assert.IsTrue(blank.Any(warning => warning.Cause.Contains("the input has the value 0", StringComparison.Ordinal)));
        IReadOnlyList<Diagnostic> few = Quantizer.Run(graph, QuantizerTests.Noise(graph.InputShape, 3), Options).Warnings;
        Assert.IsTrue(few.Any(warning => warning.Cause.Contains("there are 3 calibration images", StringComparison.Ordinal)));
        Graph tiny = ModelReader.Read(TestData.File("faults/tiny_ch.onnx"));
        IReadOnlyList<Diagnostic> bad = Quantizer.Run(tiny, DataReader.Read(TestData.File("faults/tiny_ch.x.npy")), Options).Warnings;
        Assert.IsTrue(bad.Any(warning => warning.Cause.Contains("dB of signal to error", StringComparison.Ordinal)),
            string.Join('\n', bad));
    }

    private static readonly QuantizerOptions Options = new()
    {
        Weights = new OperandFormat(8, 3), Activations = new OperandFormat(8, 3), Threads = 2,
    };

    private static EbspProgram Compile(QuantizationResult quantized) => ModelCompiler.CompileFile(quantized.Graph,
        new CompileOptions(ArchPresets.Default, 1, new string('0', 64), "")).Program;

    private static void CompileAndRun(Graph graph, ImageSet images, double decibels)
    {
        QuantizationResult quantized = Quantizer.Run(graph, images, Options);
        RandomProgramTests.AssertExecutorsAgree(quantized.Graph, Compile(quantized), 1);
        Assert.IsGreaterThan(decibels, quantized.ScoreSignalToNoise);
    }
}

using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>
/// Small networks of the data folder that were refused or wrong once, each with its own answer: an array that was computed apart from this
/// project, or ONNX's rules applied node by node.
/// </summary>
[TestClass]
public sealed class FaultTests
{
    [TestMethod]
    [DataRow("k_flatten")]
    [DataRow("k_gap")]
    [DataRow("k_grey")]
    [DataRow("in_std_dense")]
    [DataRow("prelu_ch")]
    [DataRow("max_relu")]
    [DataRow("weightnorm")]
    [DataRow("dyn_slice")]
    [DataRow("split58")]
    [DataRow("fp16")]
    [DataRow("fp16_keepio")]
    [DataRow("norm_in")]
    [DataRow("in_relu")]
    [DataRow("in_gap")]
    [DataRow("pad_maxpool")]
    [DataRow("avg_ceil_incl")]
    [DataRow("cm_pool_first")]
    [DataRow("slice_cat_conv")]
    public void Import_Fault_GivesTheAnswerComputedApart(string name)
    {
        Graph graph = OnnxImporter.Import(TestData.File($"faults/{name}.onnx"));
        // The arrays have the order of the graph, whatever that of the network.
        float[] images = (float[])NpyFile.Read(TestData.File($"faults/{name}.x.npy")).Data;
        float[] expected = (float[])NpyFile.Read(TestData.File($"faults/{name}.ref.npy")).Data;
        float[] actual = FloatInterpreter.RunAll(graph, images, 1);
        double tolerance = name.StartsWith("fp16", StringComparison.Ordinal) ? 1e-2 : 1e-4;
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance * (1 + Math.Abs(expected[i])), $"value {i}");
    }

    [TestMethod]
    [DataRow("keras_nhwc", 16, 16, 8)]
    [DataRow("keras_reshape1", 16, 16, 1)]
    [DataRow("act_Selu", 8, 16, 16)]
    [DataRow("conv1d_kws", 8, 50)]
    [DataRow("dyn_hw", 8, 16, 16)]
    [DataRow("max_two", 8, 16, 16)]
    [DataRow("split", 8, 16, 16)]
    [DataRow("b11_input_add", 8, 16, 16)]
    [DataRow("b12_pre_bn", 8, 16, 16)]
    [DataRow("bn_alone_between_adds", 8, 16, 16)]
    public void Import_Fault_GivesWhatOnnxsRulesGive(string name, params int[] dims)
    {
        string file = TestData.File($"faults/{name}.onnx");
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
        Random random = new(7);
        float[] images = [.. Enumerable.Range(0, 2 * dims.Aggregate(1, (a, b) => a * b)).Select(_ => random.NextSingle() * 2 - 1)];
        float[] expected = GraphEvaluation.Run(model, [HostTensor.Of([2, .. dims], images)])[0].Floats!;
        float[] actual = OnnxImporter.Import(file, new ImportOptions { Size = name == "dyn_hw" ? (16, 16) : null }).RunAsExported(images);
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4 * (1 + Math.Abs(expected[i])), $"value {i}");
    }

    [TestMethod]
    [DataRow("dyn_hw", "EBSP1009", "rows and columns are open")]
    [DataRow("weights_1e+30", "EBSP2003", "1E+30")]
    [DataRow("name1021", "EBSP1004", "1021 bytes")]
    [DataRow("onnx-exc-1007299", "EBSP1007", "input 0 is missing")]
    public void Import_Fault_IsRefusedWithItsCause(string name, string code, string cause)
    {
        Diagnostic diagnostic = OnnxImporter.Check(TestData.File($"faults/{name}.onnx")).Diagnostics[0];
        Assert.AreEqual(code, diagnostic.Code);
        Assert.Contains(cause, diagnostic.Cause);
    }
}

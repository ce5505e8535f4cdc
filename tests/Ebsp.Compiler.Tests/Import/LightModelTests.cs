using System.IO.Compression;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>Full-size graphs whose weights are constant fills: they import, and compute the output that comes with them.</summary>
[TestClass]
public sealed class LightModelTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("squeezenet", 65)]
    [DataRow("shufflenet", 170)]
    public void Import_SmallGraph_ComputesItsOutput(string name, int nodes) => Run(name, nodes);

    [TestMethod]
    [DataRow("bvlc_alexnet", 20)]
    [DataRow("zfnet512", 20)]
    [DataRow("vgg19", 40)]
    [DataRow("resnet50", 170)]
    [DataRow("inception_v1", 140)]
    [DataRow("inception_v2", 300)]
    [DataRow("densenet121", 600)]
    public void Import_LargeGraph_ComputesItsOutput(string name, int nodes)
    {
        LongMode.Require();
        Run(name, nodes);
    }

    private void Run(string name, int nodes)
    {
        using ZipArchive zip = BackendModel.Zip();
        Graph graph = OnnxImporter.Import(BackendModel.Read(zip.GetEntry($"light/light_{name}.onnx")!));
        TestContext.WriteLine($"{name}: {graph.Nodes.Length} operations, input {graph.InputShape}");
        Assert.IsGreaterThanOrEqualTo(nodes, graph.Nodes.Length);
        HostTensor expected =
            TensorReader.Read(TensorProto.Parser.ParseFrom(BackendModel.Read(zip.GetEntry($"light/light_{name}_output_0.pb")!)), null);
        // As ONNX's own test of these models: a ramp from 0 to 1 over the whole input.
        int size = (int)graph.InputShape.Elements;
        float[] image = [.. Enumerable.Range(0, size).Select(i => (float)(i / (double)size))];
        float[] actual = FloatInterpreter.RunAll(graph, image, 1);
        Assert.IsNull(BackendModel.Difference([.. actual.Select(x => (double)x)], expected));
    }
}

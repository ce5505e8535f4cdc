using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;
using Google.Protobuf;
using static Ebsp.Compiler.Tests.Import.OnnxModels;

namespace Ebsp.Compiler.Tests.Import;

[TestClass]
public sealed class OnnxImporterTests
{
    [TestMethod]
    public void Import_SevenUnsupportedNodesOfThreeKinds_ListsThemAllAtOnce()
    {
        ModelProto model = Model([4, 8, 8],
            Node("HardSwish", "a", "x"), Node("HardSwish", "b", "a"), Node("Resize", "c", "b"), Node("Relu", "d", "c"),
            Node("HardSwish", "e", "d"), Node("Resize", "f", "e"), Node("HardSwish", "g", "f"), Node("LRN", "y", "g"));
        IReadOnlyList<Diagnostic> diagnostics = model.Refusal();
        Assert.HasCount(3, diagnostics);
        Assert.AreEqual("a-node, b-node, e-node, g-node", diagnostics[0].Node);
        Assert.StartsWith("HardSwish (4 node(s), opset 13)", diagnostics[0].Cause);
        Assert.AreEqual("c-node, f-node", diagnostics[1].Node);
        Assert.AreEqual("y-node", diagnostics[2].Node);
        Assert.IsTrue(diagnostics.All(d => d.Code == "EBSP1005"));
    }

    [TestMethod]
    public void Import_ForeignDomain_IsRefusedByItsFullName()
    {
        NodeProto node = Node("Relu", "y", "x");
        node.Domain = "com.example";
        Assert.Contains("com.example::Relu", Model([4, 8, 8], node).Refusal()[0].Cause);
    }

    [TestMethod]
    public void Import_UnknownAttribute_IsRefused() =>
        Assert.Contains("'magic'", Model([4, 8, 8], Node("Relu", "y", "x").WithInt("magic", 1)).Refusal()[0].Cause);

    [TestMethod]
    public void Import_SoftmaxInTheMiddle_IsRefused() =>
        Assert.Contains("not the last", Model([4], Node("Softmax", "a", "x"), Node("Relu", "y", "a")).Refusal()[0].Cause);

    [TestMethod]
    public void Import_UnusedUnsupportedNode_IsDropped() =>
        Assert.HasCount(1, OnnxImporter.Import(Model([4], Node("Relu", "y", "x"), Node("HardSwish", "z", "x")).ToByteArray()).Nodes);

    [TestMethod]
    [DataRow("SAME_UPPER", 5, 2, 3, 1, 1)]
    [DataRow("SAME_UPPER", 6, 2, 3, 0, 1)]
    [DataRow("SAME_LOWER", 6, 2, 3, 1, 0)]
    [DataRow("SAME_UPPER", 6, 1, 4, 1, 2)]
    [DataRow("SAME_LOWER", 6, 1, 4, 2, 1)]
    [DataRow("VALID", 6, 1, 4, 0, 0)]
    public void Import_AutoPad_GivesThePads(string mode, int size, int stride, int kernel, int before, int after)
    {
        NodeProto conv = Node("Conv", "y", "x", "w").WithText("auto_pad", mode).With("strides", stride, stride);
        ModelProto model = Model([1, size, size], conv).Floats("w", [1, 1, kernel, kernel], new float[kernel * kernel]);
        WindowGeometry window = ((Conv)OnnxImporter.Import(model.ToByteArray()).Nodes[0].Op).Geometry;
        Assert.AreEqual((before, after, before, after), (window.PadTop, window.PadBottom, window.PadLeft, window.PadRight));
    }

    [TestMethod]
    public void Import_ChannelConstants_BecomeAffineSteps()
    {
        ModelProto model = Model([2, 3, 3], Node("Add", "a", "x", "c"), Node("Mul", "b", "c", "a"), Node("Sub", "d", "one", "b"), Node("Div", "y", "d", "c"))
            .Floats("c", [2, 1, 1], 2, 4).Floats("one", [], 1);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        float[] image = [.. Enumerable.Range(0, 18).Select(i => i / 8f)];
        float[] result = FloatInterpreter.RunAll(graph, image, 1);
        for (int i = 0; i < 18; i++)
        {
            float c = i < 9 ? 2 : 4;
            Assert.AreEqual((1 - (image[i] + c) * c) / c, result[i], 1e-6);
        }
    }

    [TestMethod]
    public void Import_ConstantAlongColumns_IsRefused() =>
        Assert.Contains("one value a channel", Model([3, 3, 3], Node("Add", "y", "x", "c")).Floats("c", [3], 1, 2, 3).Refusal()[0].Cause);

    [TestMethod]
    public void Import_FlattenThenGemm_ReadsTheMapInChannelOrder()
    {
        ModelProto model = Model([2, 2, 1], Node("Flatten", "f", "x"), Node("Gemm", "y", "f", "w", "c")
            .WithInt("transB", 1)).Floats("w", [1, 4], 1, 10, 100, 1000).Floats("c", [1], 5);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Assert.IsInstanceOfType<FullyConnected>(graph.Nodes.Single().Op);
        CollectionAssert.AreEqual(new float[] { 4326 }, FloatInterpreter.RunAll(graph, new float[] { 1, 2, 3, 4 }, 1));
    }

    [TestMethod]
    public void Import_SliceAndPad_MoveTheShortcut()
    {
        ModelProto model = Model([1, 4, 4], Node("Slice", "s", "x", "starts", "ends", "axes", "steps"), Node("Pad", "y", "s", "pads"))
            .Integers("starts", 1, -3).Integers("ends", int.MaxValue, 4).Integers("axes", 2, 3).Integers("steps", 2, 2)
            .Integers("pads", 0, 1, 0, 0, 0, 1, 0, 0);
        float[] result = FloatInterpreter.RunAll(OnnxImporter.Import(model.ToByteArray()), Enumerable.Range(0, 16).Select(i => (float)i).ToArray(), 1);
        CollectionAssert.AreEqual(new float[] { 0, 0, 0, 0, 5, 7, 13, 15, 0, 0, 0, 0 }, result);
    }

    [TestMethod]
    public void Import_Concat_JoinsChannelsInOrder()
    {
        ModelProto model = Model([2, 1, 2], Node("Relu", "r", "x"), Node("Concat", "y", "x", "r", "x").WithInt("axis", -3));
        float[] result = FloatInterpreter.RunAll(OnnxImporter.Import(model.ToByteArray()), new float[] { -1, 2, 3, -4 }, 1);
        CollectionAssert.AreEqual(new float[] { -1, 2, 3, -4, 0, 2, 3, 0, -1, 2, 3, -4 }, result);
    }

    [TestMethod]
    public void Import_ConcatOfConstants_IsFolded()
    {
        ModelProto model = Model([2, 1, 2], Node("Concat", "w", "a", "b").WithInt("axis", 1), Node("Flatten", "f", "x"), Node("MatMul", "y", "f", "w"))
            .Floats("a", [4, 1], 1, 2, 3, 4).Floats("b", [4, 2], 10, 20, 30, 40, 50, 60, 70, 80);
        float[] result = FloatInterpreter.RunAll(OnnxImporter.Import(model.ToByteArray()), new float[] { 1, 0, 0, 1 }, 1);
        CollectionAssert.AreEqual(new float[] { 5, 80, 100 }, result);
    }

    [TestMethod]
    public void Import_ConcatOfRows_IsRefusedByAxis()
    {
        ModelProto model = Model([2, 1, 2], Node("Relu", "r", "x"), Node("Concat", "y", "x", "r").WithInt("axis", 2));
        EbspException e = Assert.ThrowsExactly<EbspException>(() => OnnxImporter.Import(model.ToByteArray()));
        StringAssert.Contains(e.Diagnostics[0].Cause, "axis 2");
    }

    [TestMethod]
    public void Import_GroupedConvolution_AgreesWithPlainLoops()
    {
        const int channels = 6, outputs = 4, groups = 2, size = 7;
        Random random = new(1);
        float[] weights = Values(outputs * 3 * 9), image = Values(channels * size * size), bias = Values(outputs);
        ModelProto model = Model([channels, size, size],
            Node("Conv", "y", "x", "w", "b").WithInt("group", groups).With("dilations", 2, 1).With("strides", 1, 2).With("pads", 1, 0, 2, 1))
            .Floats("w", [outputs, 3, 3, 3], weights).Floats("b", [outputs], bias);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Shape shape = graph.TypeOf("y").Shape;
        Assert.AreEqual(new Shape(outputs, 6, 3), shape);
        float[] actual = FloatInterpreter.RunAll(graph, image, 1);
        for (int i = 0; i < actual.Length; i++)
        {
            int k = i / 18, y = i / 3 % 6, x = i % 3;
            double sum = bias[k];
            for (int c = 0; c < 3; c++)
            for (int r = 0; r < 3; r++)
            for (int s = 0; s < 3; s++)
            {
                int row = y - 1 + 2 * r, column = 2 * x + s;
                if (row is >= 0 and < size && column < size)
                    sum += (double)weights[((k * 3 + c) * 3 + r) * 3 + s] * image[((k / 2 * 3 + c) * size + row) * size + column];
            }

            Assert.AreEqual(sum, actual[i], 1e-5);
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    [TestMethod]
    public void Import_Preprocessing_MustFitTheChannels()
    {
        byte[] model = Model([1, 2, 2], Node("Relu", "y", "x")).ToByteArray();
        EbspException e = Assert.ThrowsExactly<EbspException>(() => OnnxImporter.Import(model, new ImportOptions(Networks.CifarResNet)));
        Assert.AreEqual("EBSP1012", e.Diagnostics[0].Code);
        Graph graph = OnnxImporter.Import(model, new ImportOptions(Networks.MnistBurn, ["cat"]));
        Assert.AreEqual(Networks.MnistBurn, graph.Preprocessing);
        Assert.AreEqual("cat", graph.Labels.Single());
    }

    [TestMethod]
    public void Import_ExternalData_IsRefusedWithAMessage()
    {
        ModelProto model = Model([1, 2, 2], Node("Conv", "y", "x", "w"));
        model.Graph.Initializer.Add(new TensorProto
        {
            Name = "w", DataType = 1, Dims = { 1, 1, 1, 1 }, DataLocation = 1,
            ExternalData = { new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" } },
        });
        Assert.AreEqual(("EBSP1008", "w"), (model.Refusal()[0].Code, model.Refusal()[0].Node));
    }

    [TestMethod]
    public void Check_MixedModel_ReportsEveryNode()
    {
        ModelProto model = Model([4, 8, 8], Node("Relu", "a", "x"), Node("Resize", "b", "a"), Node("Relu", "y", "b"), Node("Relu", "z", "a"));
        ImportReport report = OnnxImporter.Check(model.ToByteArray(), "m.onnx");
        Assert.IsFalse(report.IsSupported);
        CollectionAssert.AreEqual(
            new[] { ImportStatus.Mapped, ImportStatus.Refused, ImportStatus.NotReached, ImportStatus.Unused }, report.Nodes.Select(n => n.Status).ToArray());
        Assert.HasCount(1, report.Diagnostics);
        Assert.IsTrue(OnnxImporter.Check(TestData.File("models/resnet20-cifar10.onnx")).IsSupported);
        Assert.IsTrue(OnnxImporter.Check(TestData.File("models/squeezenet1.0-dc.onnx")).IsSupported);
        ModelProto resizes = Model([4, 8, 8], Node("Resize", "a", "x"), Node("Resize", "b", "x"), Node("Add", "y", "a", "b"));
        Assert.Contains("Resize (2 node(s), opset 13)", OnnxImporter.Check(resizes.ToByteArray()).Diagnostics.Single().Cause);
        Assert.AreEqual("EBSP1001", OnnxImporter.Check("/no/such/file.onnx").Diagnostics.Single().Code);
    }
}

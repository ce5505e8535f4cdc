using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;
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
            Node("Einsum", "a", "x"), Node("Einsum", "b", "a"), Node("GridSample", "c", "b"), Node("Relu", "d", "c"),
            Node("Einsum", "e", "d"), Node("GridSample", "f", "e"), Node("Einsum", "g", "f"), Node("TopK", "y", "g"));
        IReadOnlyList<Diagnostic> diagnostics = model.Refusal();
        Assert.HasCount(3, diagnostics);
        Assert.AreEqual("a-node, b-node, e-node, g-node", diagnostics[0].Node);
        Assert.StartsWith("Einsum (4 node(s), opset 13)", diagnostics[0].Cause);
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
    public void Import_ArgMaxInTheMiddle_IsRefused() =>
        Assert.Contains("not the last", Model([4], Node("ArgMax", "a", "x").WithInt("axis", 1), Node("Relu", "y", "a")).Refusal()[0].Cause);

    [TestMethod]
    public void Import_UnusedUnsupportedNode_IsDropped() =>
        Assert.HasCount(1, OnnxImporter.Import(Model([4], Node("Relu", "y", "x"), Node("Einsum", "z", "x")).ToByteArray()).Nodes);

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
        KernelWindow window = ((Conv)OnnxImporter.Import(model.ToByteArray()).Nodes[0].Op).Geometry;
        Assert.AreEqual((before, after, before, after), (window.PadTop, window.PadBottom, window.PadLeft, window.PadRight));
    }

    [TestMethod]
    public void Import_ChannelConstants_BecomeAffineSteps()
    {
        ModelProto model = Model([2, 3, 3], Node("Add", "a", "x", "c"), Node("Mul", "b", "c", "a"), Node("Sub", "d", "one", "b"),
            Node("Div", "y", "d", "c"))
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
    public void Import_ConstantAlongColumns_IsRefusedBeforeAPool() => Assert.Contains("a constant for each element",
        Model([3, 3, 3], Node("MaxPool", "p", "x").With("kernel_shape", 2, 2), Node("Add", "a", "p", "c"),
            Node("MaxPool", "y", "a").With("kernel_shape", 2, 2)).Floats("c", [2], 1, 2).Refusal()[0].Cause);

    [TestMethod]
    public void Import_ConstantForEachElement_GoesIntoTheWeightsBehindIt()
    {
        ModelProto model = Model([2, 2, 2], Node("Relu", "r", "x"), Node("Add", "a", "r", "c"), Node("Mul", "m", "a", "d"),
            Node("Flatten", "f", "m"), Node("MatMul", "y", "f", "w"))
            .Floats("c", [2], 1, -2).Floats("d", [2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8).Floats("w", [8, 1], 1, 1, 2, 2, 3, 3, 4, 4);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Assert.IsTrue(graph.Nodes.All(node => node.Op is Clamp or FullyConnected));
        float[] image = [1, -1, 2, 0.5f, 3, 4, -2, 1];
        double expected = image.Select((x, i) => (Math.Max(x, 0) + (i % 2 == 0 ? 1 : -2)) * (i + 1) * (i / 2 + 1)).Sum();
        Assert.AreEqual(expected, model.Run(image).Single(), 1e-4);
    }

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
        float[] result = FloatInterpreter.RunAll(OnnxImporter.Import(model.ToByteArray()),
            Enumerable.Range(0, 16).Select(i => (float)i).ToArray(), 1);
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
        ModelProto model = Model([2, 1, 2], Node("Concat", "w", "a", "b").WithInt("axis", 1), Node("Flatten", "f", "x"),
            Node("MatMul", "y", "f", "w"))
            .Floats("a", [4, 1], 1, 2, 3, 4).Floats("b", [4, 2], 10, 20, 30, 40, 50, 60, 70, 80);
        float[] result = FloatInterpreter.RunAll(OnnxImporter.Import(model.ToByteArray()), new float[] { 1, 0, 0, 1 }, 1);
        CollectionAssert.AreEqual(new float[] { 5, 80, 100 }, result);
    }

    [TestMethod]
    public void Import_ConcatOfRowsOrColumns_PutsThemSideBySide()
    {
        ModelProto rows = Model([2, 1, 2], Node("Relu", "r", "x"), Node("Concat", "y", "x", "r").WithInt("axis", 2));
        CollectionAssert.AreEqual(new float[] { -1, 2, 0, 2, 3, -4, 3, 0 }, rows.Run([-1, 2, 3, -4]));
        ModelProto columns = Model([2, 1, 2], Node("Relu", "r", "x"), Node("Concat", "y", "x", "r", "x").WithInt("axis", 3));
        CollectionAssert.AreEqual(new float[] { -1, 2, 0, 2, -1, 2, 3, -4, 3, 0, 3, -4 }, columns.Run([-1, 2, 3, -4]));
        Assert.Contains("batches", Model([2, 1, 2], Node("Concat", "y", "x", "x").WithInt("axis", 0)).Refusal()[0].Cause);
    }

    [TestMethod]
    public void Import_SpaceToDepth_MakesChannelsOfBlocks()
    {
        ModelProto model = Model([2, 2, 4], Node("SpaceToDepth", "y", "x").WithInt("blocksize", 2));
        float[] image = [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17];
        CollectionAssert.AreEqual(new float[] { 0, 2, 10, 12, 1, 3, 11, 13, 4, 6, 14, 16, 5, 7, 15, 17 }, model.Run(image));
    }

    [TestMethod]
    public void Import_PixelsThatAreScaledFirstThing_BecomePreprocessing()
    {
        ModelProto model = Model([4, 4, 3], Node("Cast", "f", "x").WithInt("to", 1), Node("Div", "d", "f", "scale"), Node("Sub", "s",
            "d", "mean"),
            Node("Transpose", "t", "s").With("perm", 0, 3, 1, 2), Node("MaxPool", "y", "t").With("kernel_shape", 2, 2))
            .Floats("scale", [], 255).Floats("mean", [3], 0.25f, 0.5f, 0.75f);
        model.Graph.Input[0].Type.TensorType.ElemType = (int)ElementType.UInt8;
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Assert.AreEqual(new Shape(3, 4, 4), graph.InputShape);
        Assert.IsInstanceOfType<MaxPool>(graph.Nodes.Single().Op);
        for (int c = 0; c < 3; c++)
            Assert.AreEqual(200 / 255.0 - 0.25 * (c + 1), graph.Preprocessing.Apply(200, c), 1e-6);
    }

    [TestMethod]
    public void Check_NodesBehindARefusedOne_AreLookedAt()
    {
        ModelProto model = Model([4, 8, 8], Node("InstanceNormalization", "a", "x", "s", "s"), Node("Relu", "b", "a"),
            Node("DynamicQuantizeLinear", "c", "b"), Node("Pad", "d", "b", "p").WithText("mode", "wrap"), Node("Add", "y", "c", "d"))
            .Floats("s", [4], 1, 1, 1, 1).Integers("p", 0, 0, 1, 1, 0, 0, 1, 1);
        string[] causes = [.. model.Refusal().Select(diagnostic => diagnostic.Cause)];
        Assert.HasCount(3, causes);
        Assert.Contains("batch normalization", causes[0]);
        Assert.Contains("give the float model", causes[1]);
        Assert.Contains("mode 'wrap'", causes[2]);
    }

    [TestMethod]
    public void Check_ManyFilesOfWeightsThatAreAbsent_AreCounted()
    {
        ModelProto model = Model([4]);
        for (int i = 0; i < 300; i++)
        {
            model.Graph.Node.Add(Node("Add", i == 299 ? "y" : $"t{i}", i == 0 ? "x" : $"t{i - 1}", $"c{i}"));
            model.External($"c{i}", [4], ("location", $"{i}.bin"));
        }

        IReadOnlyList<Diagnostic> refusal = model.Refusal();
        Assert.HasCount(9, refusal);
        Assert.Contains("292 more", refusal[^1].Cause);
        Assert.IsTrue(OnnxImporter.Check(model.ToByteArray()).Nodes.All(node => node.Status == ImportStatus.Mapped));
    }

    [TestMethod]
    public void Import_GroupedConvolution_AgreesWithPlainLoops()
    {
        const int channels = 6, outputs = 4, groups = 2, size = 7;
        Random random = new(1);
        float[] weights = Values(outputs * 3 * 9), image = Values(channels * size * size), bias = Values(outputs);
        ModelProto model = Model([channels, size, size],
            Node("Conv", "y", "x", "w", "b").WithInt("group", groups).With("dilations", 2, 1).With("strides", 1, 2)
                .With("pads", 1, 0, 2, 1))
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
    public void Import_ShapeSubgraph_KeepsTheBatchOpen()
    {
        // What torch.onnx writes for x.view(x.size(0), -1).
        ModelProto model = Model([2, 2, 1], Node("Shape", "s", "x"), Node("Gather", "n", "s", "zero").WithInt("axis", 0),
            Node("Unsqueeze", "u", "n", "axes"),
            Node("Concat", "t", "u", "rest").WithInt("axis", 0), Node("Reshape", "f", "x", "t"), Node("MatMul", "y", "f", "w"))
            .Integers("axes", 0).Integers("rest", -1).Floats("w", [4, 1], 1, 10, 100, 1000);
        model.Graph.Initializer.Add(new TensorProto { Name = "zero", DataType = 7, Int64Data = { 0 } });
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        CollectionAssert.AreEqual(new float[] { 4321, 8765 }, FloatInterpreter.RunAll(graph, new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, 1));
    }

    [TestMethod]
    public void Import_ArithmeticWithTheBatchSize_IsRefused()
    {
        ModelProto model = Model([2, 2, 1], Node("Shape", "s", "x"), Node("Mul", "t", "s", "one"), Node("Reshape", "y", "x", "t"))
            .Integers("one", 1, 1, 1, 1);
        Assert.Contains("batch size", model.Refusal()[0].Cause);
    }

    [TestMethod]
    public void Import_ConstantsOfAnySize_AreBounded()
    {
        ModelProto model = Model([4], Node("ConstantOfShape", "c", "s"), Node("Add", "y", "x", "c"))
            .Integers("s", 1 << 30, 1 << 30, 1 << 30, 1 << 30);
        Assert.AreEqual("EBSP1004", model.Refusal()[0].Code);
        ModelProto large = Model([4], Node("ConstantOfShape", "c", "s"), Node("Add", "y", "x", "c")).Integers("s", 1 << 29);
        Assert.AreEqual("EBSP1004", large.Refusal()[0].Code);
        ModelProto work = Model([4], Node("ConstantOfShape", "c", "s"), Node("MatMul", "d", "c", "c"), Node("Add", "y", "x", "d"))
            .Integers("s", 1 << 12, 1 << 12);
        Assert.AreEqual("EBSP1004", work.Refusal()[0].Code);
        Assert.Contains("no result",
            Model([4], Node("Div", "d", "a", "b"), Node("Reshape", "y", "x", "d")).Integers("a", 1).Integers("b", 0).Refusal()[0].Cause);
    }

    [TestMethod]
    public void Import_ChannelShuffle_IsAPermutation()
    {
        ModelProto model = Model([6, 1, 2], Node("Reshape", "a", "x", "five"), Node("Transpose", "b", "a").With("perm", 0, 2, 1, 3, 4),
            Node("Reshape", "y", "b", "four"))
            .Integers("five", 0, 2, 3, 1, 2).Integers("four", 0, 6, 1, 2);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Assert.IsInstanceOfType<Conv>(graph.Nodes.Single().Op);
        float[] result = FloatInterpreter.RunAll(graph, Enumerable.Range(0, 12).Select(i => (float)i).ToArray(), 1);
        CollectionAssert.AreEqual(new float[] { 0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11 }, result);
    }

    [TestMethod]
    public void Import_InputWithChannelsLast_IsReadAsPlanes()
    {
        ModelProto model = Model([4, 5, 3], Node("Transpose", "t", "x").With("perm", 0, 3, 1, 2), Node("Relu", "y", "t"));
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Assert.AreEqual(new Shape(3, 4, 5), graph.InputShape);
        Assert.IsInstanceOfType<Clamp>(graph.Nodes.Single().Op);
        Assert.IsTrue(graph.InputChannelsLast);
        Assert.Contains("in the order",
            Model([4, 5, 3], Node("MaxPool", "r", "x").With("kernel_shape", 2, 2), Node("Transpose", "y", "r").With("perm", 0, 2, 1, 3))
                .Refusal()[0].Cause);
    }

    [TestMethod]
    [DataRow(2, 2, 3, 3)]
    [DataRow(5, 4, 3, 2)]
    [DataRow(7, 6, 3, 3)]
    public void Import_AveragePoolOverPaddingWithCeilMode_AgreesWithTheEvaluator(int height, int width, int kernel, int stride)
    {
        ModelProto model = Model([2, height, width],
            Node("AveragePool", "y", "x").With("kernel_shape", kernel, kernel).With("strides", stride, stride)
            .With("pads", 1, 1, 1, 1).WithInt("ceil_mode", 1).WithInt("count_include_pad", 1));
        float[] image = [.. Enumerable.Range(0, 2 * height * width).Select(i => i % 7 - 2.5f)];
        HostTensor expected = GraphEvaluation.Run(model, [HostTensor.Of([1, 2, height, width], image)]).Single();
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Shape shape = graph.TypeOf(graph.OutputName).Shape;
        CollectionAssert.AreEqual(expected.Dims, new[] { 1, shape.Channels, shape.Height, shape.Width });
        float[] actual = FloatInterpreter.RunAll(graph, image, 1);
        for (int i = 0; i < actual.Length; i++)
            Assert.AreEqual(expected.Floats![i], actual[i], 1e-6);
    }

    [TestMethod]
    public void Import_RefusedForm_NamesTheFormsThatMap()
    {
        Assert.Contains("supported: zeros around channels",
            Model([1, 2, 2], Node("Pad", "y", "x", "p").WithText("mode", "wrap")).Integers("p", 0, 0, 1, 1, 0, 0, 1, 1)
            .Refusal()[0].Cause);
        Assert.Contains("nearest supported: MatMul", Model([1, 2, 2], Node("Einsum", "y", "x")).Refusal()[0].Cause);
        Assert.Contains("more than the first output",
            Model([1, 2, 2], Node("MaxPool", "m", "x").With("kernel_shape", 1, 1), Node("Relu", "y", "i")).SecondOutput("i")
            .Refusal()[0].Cause);
    }

    [TestMethod]
    public void Check_UnknownFields_AreNamed()
    {
        byte[] known = Model([4], Node("Relu", "y", "x")).ToByteArray();
        // Field 99 of the model, a number; field 26 is one that decides nothing.
        ImportReport report = OnnxImporter.Check([.. known, 0x98, 0x06, 1, 0xD2, 0x01, 0]);
        Assert.IsTrue(report.IsSupported);
        CollectionAssert.AreEqual(new[] { "ModelProto.99" }, report.UnknownFields.ToArray());
        Assert.IsEmpty(OnnxImporter.Check(known).UnknownFields);
    }

    [TestMethod]
    public void Check_MixedModel_ReportsEveryNode()
    {
        ModelProto model = Model([4, 8, 8], Node("Relu", "a", "x"), Node("Resize", "b", "a"), Node("Relu", "y", "b"),
            Node("Relu", "z", "a"));
        ImportReport report = OnnxImporter.Check(model.ToByteArray(), "m.onnx");
        Assert.IsFalse(report.IsSupported);
        CollectionAssert.AreEqual(
            new[] { ImportStatus.Mapped, ImportStatus.Refused, ImportStatus.NotReached, ImportStatus.Unused },
                report.Nodes.Select(n => n.Status).ToArray());
        Assert.HasCount(1, report.Diagnostics);
        Assert.IsTrue(OnnxImporter.Check(TestData.File("models/resnet20-cifar10.onnx")).IsSupported);
        Assert.IsTrue(OnnxImporter.Check(TestData.File("models/squeezenet1.0-dc.onnx")).IsSupported);
        ModelProto resizes = Model([4, 8, 8], Node("Resize", "a", "x"), Node("Resize", "b", "x"), Node("Add", "y", "a", "b"));
        Assert.Contains("Resize (2 node(s), opset 13)", OnnxImporter.Check(resizes.ToByteArray()).Diagnostics.Single().Cause);
        Assert.AreEqual("EBSP1001", OnnxImporter.Check("/no/such/file.onnx").Diagnostics.Single().Code);
    }
}

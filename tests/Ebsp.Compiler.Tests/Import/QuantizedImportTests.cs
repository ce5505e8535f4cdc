using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Google.Protobuf;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>QuantizeLinear, DequantizeLinear and the layers on integers: what they become, and what is refused.</summary>
[TestClass]
public sealed class QuantizedImportTests
{
    private const int UInt8 = 2, Int8 = 3, UInt16 = 4, Int32 = 6;

    [TestMethod]
    public void Import_QuantizedConvolution_KeepsScalesAndGrid()
    {
        Graph graph = OnnxImporter.Import(Pair().ToByteArray());
        CollectionAssert.AreEqual(new[] { "QuantizeDequantize", "Conv", "Clamp", "QuantizeDequantize" },
            graph.Nodes.Select(node => node.Op.GetType().Name).ToArray());
        Assert.AreEqual(new QuantizeDequantize(0.5f, 10, 0, 255), graph.Nodes[0].Op);
        Assert.AreEqual(new QuantizeDequantize(0.25f, -128, -128, 127), graph.Nodes[3].Op);
        Conv conv = (Conv)graph.Nodes[1].Op;
        CollectionAssert.AreEqual(new[] { 0.125f, 0.5f }, conv.WeightSteps.ToArray());
        // (200 - 128) / 8, (0 - 128) / 8; (3 - 1) / 2, (255 - 1) / 2: two zero points.
        CollectionAssert.AreEqual(new[] { 9f, -16f, 1f, 127f }, conv.Weights.ToArray());
        CollectionAssert.AreEqual(new[] { 7 * 0.0625f, -9 * 0.25f }, conv.Bias.ToArray());
        CollectionAssert.AreEqual(GraphFile.Serialize(graph), GraphFile.Serialize(GraphFile.Parse(GraphFile.Serialize(graph), null)));
        StringAssert.Contains(GraphPrinter.Print(graph), "QuantizeDequantize[0.5, 0..255, zero 10]");
    }

    [TestMethod]
    public void Import_LayersOnIntegers_EqualThePairs()
    {
        ModelProto pair = Pair();
        ModelProto layer = OnnxModels.Model([2, 2, 2],
            Node("QuantizeLinear", "xq", "x", "xs", "xz"),
            Node("QLinearConv", "cq", "xq", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"),
            Node("DequantizeLinear", "y", "cq", "ys", "yz"));
        layer.Graph.Initializer.Add(pair.Graph.Initializer);
        Graph one = OnnxImporter.Import(pair.ToByteArray()), two = OnnxImporter.Import(layer.ToByteArray());
        float[] image = [1.3f, -2, 77, 0.2f, 5, -5, 100, 3];
        CollectionAssert.AreEqual(FloatInterpreter.RunAll(one, image), FloatInterpreter.RunAll(two, image));
        CollectionAssert.AreEqual(new QdqReference(one).Run(image), new QdqReference(two).Run(image));
    }

    [TestMethod]
    public void Import_ProductOnIntegers_IsAFullyConnectedLayer()
    {
        ModelProto model = OnnxModels.Model([3],
            Node("QuantizeLinear", "xq", "x", "xs", "xz"),
            Node("QLinearMatMul", "pq", "xq", "xs", "xz", "w", "ws", "wz", "ys", "yz"),
            Node("DequantizeLinear", "y", "pq", "ys", "yz"));
        Scalars(model, ("xs", 1f), ("ys", 0.5f));
        Constant(model, "xz", Int8, [], 0);
        Constant(model, "yz", Int8, [], 5);
        Constant(model, "w", Int8, [3, 2], 1, 2, 3, 4, 5, 6);
        model.Floats("ws", [2], 0.5f, 0.25f);
        Constant(model, "wz", Int8, [2], 1, 0);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        FullyConnected full = (FullyConnected)graph.Nodes[1].Op;
        CollectionAssert.AreEqual(new[] { 0f, 1, 2, 0.5f, 1, 1.5f }, full.Weights.ToArray());
        CollectionAssert.AreEqual(new[] { 0.5f, 0.25f }, full.WeightSteps.ToArray());
        // 0*1 + 1*2 + 2*3 = 8; 0.5 + 2 + 4.5 = 7; in steps of 0.5.
        CollectionAssert.AreEqual(new[] { 16, 14 }, new QdqReference(graph).Run([1, 2, 3]));
        CollectionAssert.AreEqual(new[] { 8f, 7f }, FloatInterpreter.RunAll(graph, new float[] { 1, 2, 3 }));
    }

    [TestMethod]
    public void Import_MovesBetweenQuantizeAndDequantize_KeepTheIntegers()
    {
        ModelProto model = OnnxModels.Model([2, 2, 2],
            Node("QuantizeLinear", "xq", "x", "xs", "xz"), Node("MaxPool", "m", "xq").With("kernel_shape", 2, 2),
            Node("Flatten", "f", "m"), Node("DequantizeLinear", "y", "f", "xs", "xz"));
        Scalars(model, ("xs", 0.5f));
        Constant(model, "xz", UInt8, [], 0);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        CollectionAssert.AreEqual(new[] { 2f, 127.5f }, FloatInterpreter.RunAll(graph, new float[] { 1.2f, 2.2f, -3, 0, 5, 6, 7, 1000 }));
    }

    [TestMethod]
    public void Import_TiesAndSaturation_AreThoseOfOnnx()
    {
        ModelProto model = OnnxModels.Model([8], Node("QuantizeLinear", "q", "x", "s", "z"), Node("DequantizeLinear", "y", "q", "s", "z"));
        Scalars(model, ("s", 1f));
        Constant(model, "z", Int8, [], -3);
        CollectionAssert.AreEqual(new[] { 0f, 2, 2, -0f, -2, 130, -125, 4 },
            FloatInterpreter.RunAll(OnnxImporter.Import(model.ToByteArray()),
                new float[] { 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 200, -200, 3.5f }));
    }

    [TestMethod]
    [DataRow(0f, Int8, "xs", "xz", "positive and finite")]
    [DataRow(-1f, Int8, "xs", "xz", "positive and finite")]
    [DataRow(float.NaN, Int8, "xs", "xz", "positive and finite")]
    [DataRow(float.PositiveInfinity, Int8, "xs", "xz", "positive and finite")]
    [DataRow(1f, UInt16, "xs", "xz", "uint16")]
    [DataRow(1f, Int8, "os", "xz", "another scale")]
    [DataRow(1f, Int8, "xs", "oz", "another scale")]
    [DataRow(1f, Int8, "x", "xz", "not a constant")]
    [DataRow(1f, Int32, "xs", "xz", "int32")]
    public void Import_QuantizationThatDoesNotMap_IsRefusedByName(float scale, int type, string scaleName, string zeroName, string cause)
    {
        ModelProto model = OnnxModels.Model([2, 1, 1], Node("QuantizeLinear", "q", "x", "xs", "xz"),
            Node("DequantizeLinear", "y", "q", scaleName, zeroName));
        Scalars(model, ("xs", scale), ("os", 3f));
        Constant(model, "xz", type, [], 0);
        Constant(model, "oz", Int8, [], 7);
        IReadOnlyList<Diagnostic> found = model.Refusal();
        Assert.AreEqual("EBSP1005", found[0].Code);
        StringAssert.Contains(found[0].Cause, cause);
    }

    [TestMethod]
    public void Import_ScaleByChannelOfATensor_OrIntegerOutput_IsRefused()
    {
        ModelProto channels =
            OnnxModels.Model([2, 1, 1], Node("QuantizeLinear", "q", "x", "s", "z"), Node("DequantizeLinear", "y", "q", "s", "z"));
        channels.Floats("s", [2], 1, 2);
        Constant(channels, "z", Int8, [2], 0, 0);
        StringAssert.Contains(channels.Refusal()[0].Cause, "more than one scale");
        ModelProto integers = OnnxModels.Model([2, 1, 1], Node("QuantizeLinear", "y", "x", "s", "z"));
        Scalars(integers, ("s", 1f));
        Constant(integers, "z", Int8, [], 0);
        StringAssert.Contains(integers.Refusal()[0].Cause, "without a DequantizeLinear");
    }

    [TestMethod]
    public void Verify_WeightOffItsGrid_IsRefused()
    {
        Graph graph = OnnxImporter.Import(Pair().ToByteArray());
        Conv conv = (Conv)graph.Nodes[1].Op;
        Graph wrong = graph with { Nodes =
            graph.Nodes.SetItem(1, graph.Nodes[1] with { Op = conv with { Weights = conv.Weights.SetItem(2, 1.1f) } }) };
        Assert.AreEqual("EBSP2003", Verifier.Check(wrong).Single().Code);
    }

    // Two channels, a 1x1 convolution with a scale and a zero point by output channel, a rectifier.
    private static ModelProto Pair()
    {
        ModelProto model = OnnxModels.Model([2, 2, 2],
            Node("QuantizeLinear", "xq", "x", "xs", "xz"), Node("DequantizeLinear", "xd", "xq", "xs", "xz"),
            Node("DequantizeLinear", "wd", "w", "ws", "wz").WithInt("axis", 0),
                Node("DequantizeLinear", "bd", "b", "bs").WithInt("axis", 0),
            Node("Conv", "c", "xd", "wd", "bd"), Node("Relu", "r", "c"),
            Node("QuantizeLinear", "q", "r", "ys", "yz"), Node("DequantizeLinear", "y", "q", "ys", "yz"));
        Scalars(model, ("xs", 0.5f), ("ys", 0.25f));
        Constant(model, "xz", UInt8, [], 10);
        Constant(model, "yz", Int8, [], -128);
        Constant(model, "w", UInt8, [2, 2, 1, 1], 200, 0, 3, 255);
        model.Floats("ws", [2], 0.125f, 0.5f).Floats("bs", [2], 0.0625f, 0.25f);
        Constant(model, "wz", UInt8, [2], 128, 1);
        Constant(model, "b", Int32, [2], 7, -9);
        return model;
    }

    private static NodeProto Node(string op, string output, params string[] inputs) => OnnxModels.Node(op, output, inputs);

    private static void Scalars(ModelProto model, params (string Name, float Value)[] scalars)
    {
        foreach ((string name, float value) in scalars)
            model.Floats(name, [], value);
    }

    private static void Constant(ModelProto model, string name, int type, long[] dims, params int[] values) =>
        model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = type, Dims = { dims }, Int32Data = { values } });
}

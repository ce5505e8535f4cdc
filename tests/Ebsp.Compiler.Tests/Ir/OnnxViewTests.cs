using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Ir;

[TestClass]
public sealed class OnnxViewTests
{
    [TestMethod]
    [DataRow("resnet20-cifar10")]
    [DataRow("mnist-8")]
    [DataRow("mnist-burn")]
    [DataRow("squeezenet1.0-dc")]
    [DataRow("mobilenetv1-0.25-128")]
    public void Write_PretrainedNetwork_ImportsAsTheSameGraph(string network)
    {
        Graph graph = Networks.Import(network);
        Graph back = OnnxImporter.Import(OnnxView.Write(graph), new ImportOptions(graph.Preprocessing));
        Assert.AreEqual(GraphPrinter.Print(graph), GraphPrinter.Print(back));
        CollectionAssert.AreEqual(GraphFile.Serialize(graph), GraphFile.Serialize(back));
    }

    [TestMethod]
    public void Write_EveryFloatOperation_ImportsAsTheSameGraph()
    {
        Graph graph = GraphSamples.Float();
        Graph back = OnnxImporter.Import(OnnxView.Write(graph), new ImportOptions(graph.Preprocessing));
        Assert.AreEqual(GraphPrinter.Print(graph), GraphPrinter.Print(back));
    }

    [TestMethod]
    public void Write_IntegerGraph_KeepsNodesEdgesAndFields()
    {
        Graph graph = GraphSamples.Integer();
        ModelProto model = ModelProto.Parser.ParseFrom(OnnxView.Write(graph));
        Assert.AreEqual(OnnxView.Domain, model.OpsetImport[1].Domain);
        // The output transform is one node more.
        Assert.HasCount(graph.Nodes.Length + 1, model.Graph.Node);
        HashSet<string> constants = [.. model.Graph.Initializer.Select(tensor => tensor.Name)];
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            NodeProto node = model.Graph.Node[i];
            Assert.AreEqual((graph.Nodes[i].Name, OnnxView.Domain, graph.Nodes[i].Op.GetType().Name),
                (node.Name, node.Domain, node.OpType));
            CollectionAssert.AreEqual(graph.Nodes[i].Inputs.ToArray(), node.Input.Where(input => !constants.Contains(input)).ToArray());
            Assert.AreEqual(graph.Nodes[i].Output, node.Output.Single());
        }

        NodeProto conv = model.Graph.Node[0];
        Assert.AreEqual(3, conv.Attribute.Single(a => a.Name == "output_channels").I);
        Assert.AreEqual(GraphSamples.S6.ToString(), conv.Attribute.Single(a => a.Name == "weight_format").S.ToStringUtf8());
        CollectionAssert.AreEqual(new byte[] { 1, 254, 3, 28, 228, 0 },
            model.Graph.Initializer.Single(t => t.Name == "conv.weights").RawData.ToByteArray());
        CollectionAssert.AreEqual(new long[] { 1 << 30, -(1 << 30), 0 }, conv.Attribute.Single(a => a.Name == "bias").Ints.ToArray());
        StringAssert.Contains(model.Graph.ValueInfo.Single(v => v.Name == "plain").DocString, "0.125");
    }
}

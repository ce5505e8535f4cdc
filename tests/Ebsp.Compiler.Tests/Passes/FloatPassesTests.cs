using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Passes;

[TestClass]
public class FloatPassesTests
{
    [TestMethod]
    public void FoldBatchNorm_AfterConv_FoldsAndKeepsFunction()
    {
        SmallNetwork net = new(1, new Shape(3, 6, 6));
        string y = net.Affine(net.Conv("x", 4, 3, pad: 1));
        Graph folded = Check(net.Build(y), FoldBatchNorm.Run);
        Assert.IsInstanceOfType<Conv>(folded.Nodes.Single().Op);
    }

    [TestMethod]
    public void FoldBatchNorm_AfterGroupedConv_FoldsAndKeepsFunction()
    {
        SmallNetwork net = new(2, new Shape(4, 6, 6));
        string y = net.Affine(net.Conv("x", 8, 3, pad: 1, groups: 4));
        Assert.HasCount(1, Check(net.Build(y), FoldBatchNorm.Run).Nodes);
    }

    [TestMethod]
    public void FoldBatchNorm_BeforeUnpaddedGroupedConv_FoldsAndKeepsFunction()
    {
        SmallNetwork net = new(3, new Shape(4, 6, 6));
        string relu = net.Relu(net.Conv("x", 4, 3, pad: 1));
        string y = net.Conv(net.Affine(relu), 6, 3, groups: 2);
        Assert.HasCount(3, Check(net.Build(y), FoldBatchNorm.Run).Nodes);
    }

    [TestMethod]
    public void FoldBatchNorm_BeforePaddedConv_Stays()
    {
        SmallNetwork net = new(4, new Shape(4, 6, 6));
        string relu = net.Relu(net.Conv("x", 4, 3, pad: 1));
        string y = net.Conv(net.Affine(relu), 6, 3, pad: 1);
        Assert.HasCount(4, Check(net.Build(y), FoldBatchNorm.Run).Nodes);
    }

    [TestMethod]
    public void FoldBatchNorm_FactorsAloneBeforePaddedConv_FoldsAndKeepsFunction()
    {
        SmallNetwork net = new(5, new Shape(4, 6, 6));
        string relu = net.Relu(net.Conv("x", 4, 3, pad: 1));
        string y = net.Conv(net.Affine(relu, offset: 0), 6, 3, pad: 1);
        Assert.HasCount(3, Check(net.Build(y), FoldBatchNorm.Run).Nodes);
    }

    [TestMethod]
    public void FoldBatchNorm_BeforeAndAfterFullyConnected_FoldsAndKeepsFunction()
    {
        SmallNetwork net = new(6, new Shape(4, 5, 3));
        string y = net.Affine(net.Full(net.Affine(net.Relu(net.Conv("x", 4, 3, pad: 1))), 7));
        Assert.HasCount(3, Check(net.Build(y), FoldBatchNorm.Run).Nodes);
    }

    [TestMethod]
    public void FoldBatchNorm_ProducerWithTwoReaders_Stays()
    {
        SmallNetwork net = new(7, new Shape(4, 5, 5));
        string conv = net.Conv("x", 4, 3, pad: 1);
        string y = net.Add(net.Affine(conv), conv);
        Assert.HasCount(3, Check(net.Build(y), FoldBatchNorm.Run).Nodes);
    }

    [TestMethod]
    public void FoldBatchNorm_TwoAffineSteps_BecomeOne()
    {
        SmallNetwork net = new(8, new Shape(4, 5, 5));
        string y = net.Affine(net.Affine(net.Pool("x")));
        Assert.HasCount(2, Check(net.Build(y), FoldBatchNorm.Run).Nodes);
    }

    [TestMethod]
    public void FoldPad_BeforeConv_FoldsAndKeepsFunction()
    {
        SmallNetwork net = new(9, new Shape(3, 6, 5));
        string pad = net.Pad("x", new Pad(0, 0, 1, 2, 0, 1));
        string y = net.Conv(net.Pad(pad, new Pad(0, 0, 0, 1, 1, 0)), 4, 3);
        Assert.HasCount(1, Check(net.Build(y), FoldPad.Run).Nodes);
    }

    [TestMethod]
    public void FoldPad_OfChannelsOrBeforePool_Stays()
    {
        SmallNetwork net = new(10, new Shape(3, 6, 6));
        string y = net.Conv(net.Pool(net.Pad(net.Pad("x", new Pad(1, 2, 0, 0, 0, 0)), new Pad(0, 0, 1, 1, 1, 1))), 4, 3);
        Assert.HasCount(4, Check(net.Build(y), FoldPad.Run).Nodes);
    }

    [TestMethod]
    public void HoistClamp_BehindPools_GoesToTheFront()
    {
        SmallNetwork net = new(11, new Shape(3, 9, 9));
        string y = net.Relu(net.Pool(net.Pool(net.Conv("x", 4, 3, pad: 1))));
        Graph hoisted = Check(net.Build(y), HoistClamp.Run);
        Assert.IsInstanceOfType<Clamp>(hoisted.Nodes[1].Op);
    }

    [TestMethod]
    public void MoveOutputTransform_LogSoftmaxAtTheEnd_BecomesTheHosts()
    {
        SmallNetwork net = new(12, new Shape(3, 4, 4));
        Graph graph = net.Build(net.Node(new LogSoftmax(), net.Full("x", 5)));
        Graph moved = Check(graph, MoveOutputTransform.Run);
        Assert.AreEqual(OutputTransform.LogSoftmax, moved.OutputTransform);
        Assert.HasCount(1, moved.Nodes);
    }

    [TestMethod]
    public void RemoveUnread_UnreadBranch_Goes()
    {
        SmallNetwork net = new(13, new Shape(3, 4, 4));
        net.Relu(net.Conv("x", 4, 3));
        Assert.HasCount(1, Check(net.Build(net.Full("x", 5)), RemoveUnread.Run).Nodes);
    }

    [TestMethod]
    [DataRow("resnet8-cifar10", 0)]
    [DataRow("resnet20-cifar10", 0)]
    [DataRow("mnist-8", 0)]
    [DataRow("mnist-burn", 0)]
    public void Run_PretrainedNetwork_KeepsFunctionAndFoldsEveryAffineStep(string network, int left)
    {
        Graph folded = Check(Networks.Import(network), graph => FloatPasses.Run(graph), 2);
        Assert.AreEqual(left, folded.Nodes.Count(node => node.Op is ChannelAffine));
    }

    private static Graph Check(Graph graph, Func<Graph, Graph> pass, int images = 4)
    {
        Graph after = pass(graph);
        Assert.HasCount(0, Verifier.Check(after));
        Random random = new(99);
        float[] input = [.. Enumerable.Range(0, images * (int)graph.InputShape.Elements).Select(_ => (float)(random.NextDouble() * 4 - 2))];
        float[] a = FloatInterpreter.RunAll(graph, input, 1), b = FloatInterpreter.RunAll(after, input, 1);
        float largest = a.Max(Math.Abs);
        for (int i = 0; i < a.Length; i++)
            Assert.AreEqual(a[i], b[i], 2e-5f * largest, $"element {i}");
        return after;
    }
}

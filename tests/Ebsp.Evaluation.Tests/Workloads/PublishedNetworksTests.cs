using Ebsp.Evaluation.Workloads;
using Ebsp.TestKit;

namespace Ebsp.Evaluation.Tests.Workloads;

[TestClass]
public sealed class PublishedNetworksTests
{
    // MACs and weights (biases apart) as the networks' papers and the usual counts of them have it.
    [TestMethod]
    [DataRow("alexnet", 724_406_816L, 60_954_656L)]
    [DataRow("alexnet-one-tower", 714_188_480L, 61_090_496L)]
    [DataRow("vgg16", 15_470_264_320L, 138_344_128L)]
    [DataRow("resnet18", 1_814_073_344L, 11_678_912L)]
    [DataRow("resnet50", 4_089_184_256L, 25_502_912L)]
    [DataRow("mobilenetv1", 568_740_352L, 4_209_088L)]
    [DataRow("mobilenetv2", 300_774_272L, 3_469_760L)]
    [DataRow("resnet20", 40_813_184L, 270_896L)]
    public void Network_Published_HasItsMacsAndWeights(string name, long macs, long weights)
    {
        Network network = NetworkReader.Read(name);
        Assert.AreEqual(weights, network.Weights, name);
        Assert.AreEqual(macs, network.Macs, name);
    }

    [TestMethod]
    public void Network_OfAnOnnxFile_HasTheLayersOfThePublishedOne()
    {
        string path = TestData.File("models/mobilenetv2-1.0-224-ptq.onnx");
        Network read = NetworkReader.Read(path), published = NetworkReader.Read("mobilenetv2");
        CollectionAssert.AreEqual(
            published.Layers.Where(layer => layer.HasWeights).SkipLast(1).Select(layer => layer.Macs).ToArray(),
            read.Layers.Where(layer => layer.HasWeights).SkipLast(1).Select(layer => layer.Macs).ToArray());
    }

    [TestMethod]
    public void Read_UnknownName_NamesTheNearest()
    {
        Compiler.Diagnostics.EbspException e =
            Assert.ThrowsExactly<Compiler.Diagnostics.EbspException>(() => NetworkReader.Read("resnet5"));
        Assert.AreEqual("EBSP8001", e.Diagnostics[0].Code);
        Assert.Contains("'resnet50'", e.Message);
    }
}

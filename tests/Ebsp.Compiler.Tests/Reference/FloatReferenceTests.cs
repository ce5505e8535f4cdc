using System.Diagnostics;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Reference;

[TestClass]
public sealed class FloatReferenceTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("resnet8-cifar10")]
    [DataRow("resnet20-cifar10")]
    [DataRow("resnet32-cifar10")]
    [DataRow("resnet56-cifar10")]
    [DataRow("mnist-8")]
    [DataRow("mnist-burn")]
    [DataRow("nascifarnet-cifar10")]
    [DataRow("mobilenetv1-0.25-128")]
    [DataRow("mobilenetv1-0.5-160")]
    [DataRow("mobilenetv2-1.0-224-ptq")]
    [DataRow("squeezenet1.0-dc")]
    public void RunAll_PretrainedNetwork_AgreesWithOnnxRuntime(string network)
    {
        Graph graph = Networks.Import(network);
        NpyArray golden = NpyFile.Read(TestData.File($"golden/{network}.npy"));
        float[] expected = (float[])golden.Data;
        int count = golden.Shape[0], classes = golden.Shape[1];
        float[] images = Networks.Preprocess(Networks.Images(network, count), graph.Preprocessing);
        float[] actual = FloatInterpreter.RunAll(graph, images, 2);
        Assert.HasCount(expected.Length, actual);
        double worst = 0;
        for (int n = 0; n < count; n++)
        {
            double largest = 0, difference = 0;
            for (int k = n * classes; k < (n + 1) * classes; k++)
            {
                largest = Math.Max(largest, Math.Abs(expected[k]));
                difference = Math.Max(difference, Math.Abs(expected[k] - (double)actual[k]));
            }

            worst = Math.Max(worst, difference / largest);
        }

        TestContext.WriteLine($"{network}: largest difference {worst:E2} of the largest score");
        Assert.IsLessThanOrEqualTo(1e-4, worst);
    }

    [TestMethod]
    public void RunAll_OneOrTwoThreads_SameBits()
    {
        Graph graph = Networks.Import("resnet8-cifar10");
        float[] images = Networks.Preprocess(Networks.Images("resnet8-cifar10", 24), graph.Preprocessing);
        CollectionAssert.AreEqual(FloatInterpreter.RunAll(graph, images, 1), FloatInterpreter.RunAll(graph, images, 2));
    }

    // Figures of the data folder's README, measured with ONNX Runtime.
    [TestMethod]
    [DataRow("resnet8-cifar10", 86.90)]
    [DataRow("resnet20-cifar10", 91.49)]
    [DataRow("resnet32-cifar10", 92.41)]
    [DataRow("resnet56-cifar10", 93.20)]
    [DataRow("nascifarnet-cifar10", 90.09)]
    [DataRow("mnist-8", 98.91)]
    [DataRow("mnist-burn", 99.16)]
    public void RunAll_WholeTestSet_PublishedAccuracy(string network, double percent)
    {
        LongMode.Require();
        Graph graph = Networks.Import(network);
        ImageSet set = Networks.Images(network, int.MaxValue);
        float[] images = Networks.Preprocess(set, graph.Preprocessing);
        Stopwatch watch = Stopwatch.StartNew();
        float[] scores = FloatInterpreter.RunAll(graph, images, 2);
        TestContext.WriteLine($"{network}: {set.Count / watch.Elapsed.TotalSeconds:F0} images/s");
        int classes = scores.Length / set.Count, correct = 0;
        for (int n = 0; n < set.Count; n++)
        {
            ReadOnlySpan<float> row = scores.AsSpan(n * classes, classes);
            float largest = row[0];
            foreach (float score in row)
                largest = Math.Max(largest, score);
            correct += row.IndexOf(largest) == set.Labels![n] ? 1 : 0;
        }

        Assert.AreEqual(percent, 100.0 * correct / set.Count, 0.02);
    }
}

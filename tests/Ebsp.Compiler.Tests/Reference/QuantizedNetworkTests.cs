using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Reference;

/// <summary>Already quantized networks: their float graph and their own integers against ONNX Runtime.</summary>
[TestClass]
public sealed class QuantizedNetworkTests
{
    private const double ClearMargin = 6;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("resnet8-cifar10-int8.qdq", 3)]
    [DataRow("mobilenetv1-0.25-128.qdq", 3)]
    [DataRow("mobilenetv1-0.5-160.qdq", 3)]
    [DataRow("mobilenetv2-1.0-224-ptq.qdq", 6)]
    public void Run_QuantizedNetwork_AgreesWithOnnxRuntime(string network, int most)
    {
        Graph graph = Networks.Import(network);
        NpyArray golden = NpyFile.Read(TestData.File($"golden/{network}.npy"));
        int count = LongMode.Count(
            Math.Min(golden.Shape[0], network.StartsWith("resnet", StringComparison.Ordinal)
            ? 64
            : network.StartsWith("mobilenetv2", StringComparison.Ordinal) ? 1 : 4), golden.Shape[0]), classes = golden.Shape[1];
        ImageSet images = Networks.Images(network, count);
        float[] expected = (float[])golden.Data;
        float[] real = FloatInterpreter.RunAll(graph, Networks.Preprocess(images, graph.Preprocessing), 2);
        QdqReference reference = new(graph);
        float[] own = new float[count * classes];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, n =>
        {
            int[] scores = reference.Run(InputImages.Values(graph, images, n));
            for (int k = 0; k < classes; k++)
                own[n * classes + k] = scores[k] * reference.OutputScale;
        });
        // The sums of the float graph have the order of ONNX Runtime: not one step differs.
        Check("float graph", real, 0);
        // Exact sums round to the other side now and then, and the layers behind spread it: as far as other orders of float sums do.
        Check("own integers", own, most);

        void Check(string path, float[] actual, double most)
        {
            double worst = 0, sum = 0;
            int clear = 0, clearSame = 0, same = 0;
            for (int n = 0; n < count; n++)
            {
                float[] wanted = expected[(n * classes)..((n + 1) * classes)], made = actual[(n * classes)..((n + 1) * classes)];
                for (int k = 0; k < classes; k++)
                {
                    double steps = Math.Abs(wanted[k] - made[k]) / reference.OutputScale;
                    worst = Math.Max(worst, steps);
                    sum += steps;
                }

                float[] ordered = [.. wanted.OrderDescending()];
                bool isSame = Array.IndexOf(made, made.Max()) == Array.IndexOf(wanted, wanted.Max());
                same += isSame ? 1 : 0;
                if ((ordered[0] - ordered[1]) / reference.OutputScale <= ClearMargin)
                    continue;
                clear++;
                clearSame += isSame ? 1 : 0;
            }

            TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{network}, {path}: largest difference {worst:F2} steps, mean {sum / actual.Length:F4}; same answer {same} of {count}, " +
                    $"{clearSame} of {clear} with a clear margin"));
            Assert.IsLessThanOrEqualTo(most + 1e-3, worst, path);
            Assert.AreEqual(clear, clearSame, path);
        }
    }

    // Figures of the data folder's README, measured with ONNX Runtime: the int8 row of the accuracy table.
    [TestMethod]
    [DataRow("resnet8-cifar10-int8.qdq", 8000, 86.72, 0.15)]
    [DataRow("mobilenetv1-0.25-128.qdq", 200, 43.0, 1.0)]
    [DataRow("mobilenetv1-0.5-160.qdq", 500, 66.0, 1.0)]
    [DataRow("mobilenetv2-1.0-224-ptq.qdq", 500, 79.2, 1.0)]
    public void Run_ManyImages_PublishedAccuracy(string network, int count, double percent, double tolerance)
    {
        LongMode.Require();
        Graph graph = Networks.Import(network);
        ImageSet images = network.StartsWith("mobilenetv1-0.5", StringComparison.Ordinal)
            ? Networks.Photographs("val500-jpeg.zip", count, resize: new ImageSize(160, 160))
            : network.StartsWith("mobilenetv2", StringComparison.Ordinal)
                ? Networks.Photographs("val500-jpeg.zip", count, crop: new ImageSize(224, 224))
            : Networks.Images(network, count);
        QdqReference reference = new(graph);
        int right = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, n =>
        {
            int[] scores = reference.Run(InputImages.Values(graph, images, n));
            if (Array.IndexOf(scores, scores.Max()) == images.Labels![n])
                Interlocked.Increment(ref right);
        });
        double measured = 100.0 * right / count;
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{network}, own integers: {measured:F2} % of {count}"));
        Assert.AreEqual(percent, measured, tolerance);
    }
}

using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Quantization.Calibration;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;
using Ebsp.Training.Modules;
using Ebsp.Training.Native;
using Ebsp.Training.Networks;
using static TorchSharp.torch;

namespace Ebsp.Training.Tests.Modules;

/// <summary>A graph as tensor operations against the float reference.</summary>
[TestClass]
public sealed class FloatNetworkTests
{
    [TestMethod]
    [DataRow("digits")]
    [DataRow("resnet-8")]
    [DataRow("resnet-20")]
    [DataRow("alexnet")]
    [DataRow("vgg-11")]
    [DataRow("mobilenet-v1")]
    [DataRow("mobilenet-v2")]
    public void Run_OfABuiltInNetwork_IsTheFloatReference(string name) => Compare(BuiltInNetworks.Create(name, 1), 2);

    [TestMethod]
    [DataRow("models/mnist-8.onnx")]
    [DataRow("models/mnist-burn.onnx")]
    [DataRow("models/resnet8-cifar10.onnx")]
    [DataRow("models/resnet20-cifar10.onnx")]
    [DataRow("models/nascifarnet-cifar10.onnx")]
    [DataRow("models/resnet8-cifar10-int8.qdq.onnx")]
    [DataRow("faults/cm_pool_first.onnx")]
    [DataRow("faults/avg_ceil_incl.onnx")]
    [DataRow("faults/pad_maxpool.onnx")]
    [DataRow("faults/conv_dil256.onnx")]
    [DataRow("faults/split.onnx")]
    [DataRow("faults/split58.onnx")]
    [DataRow("faults/slice_cat_conv.onnx")]
    [DataRow("faults/b9_concat_scales.onnx")]
    [DataRow("faults/prelu_ch.onnx")]
    [DataRow("faults/tiny_ch.onnx")]
    public void Run_OfAnImportedNetwork_IsTheFloatReference(string file) =>
        Compare(ModelFile.Open(TestData.File(file)).Graph!, 2);

    private static void Compare(Graph graph, int images)
    {
        Torch.Require();
        Graph whole = QuantizedRanges.Take(graph).Graph;
        QuantizationPlan plan = QuantizationPlan.Of(whole, new QuantizerOptions());
        int size = (int)whole.InputShape.Elements;
        float[] values = new float[images * size];
        Random random = new(7);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() * 4 - 2;
        float[] expected = FloatInterpreter.RunAll(whole with { OutputTransform = OutputTransform.None }, values);

        using var scope = NewDisposeScope();
        using TrainableNetwork network = new(plan);
        Tensor x = empty([images, whole.InputShape.Channels, whole.InputShape.Height, whole.InputShape.Width]);
        values.CopyTo(x.Floats());
        float[] actual;
        using (no_grad())
            actual = network.Run(x, isTraining: false).contiguous().Floats().ToArray();
        Assert.HasCount(expected.Length, actual);
        float largest = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f * largest, $"element {i}");
    }
}

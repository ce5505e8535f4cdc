using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using static Ebsp.Compiler.Tests.Import.OnnxModels;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>Local responses, functions of single values, and arithmetic of two tensors.</summary>
[TestClass]
public sealed class OnnxFunctionTests
{
    private static readonly float[] Values = [-7, -3, -1.5f, -0.25f, 0, 0.5f, 2, 9];

    [TestMethod]
    [DataRow(1)]
    [DataRow(13)]
    public void Lrn_DefaultsAndAttributes_EqualTheFormula(int opset)
    {
        NodeProto node = Node("LRN", "y", "x").WithInt("size", 4);
        ModelProto model = Model([8, 1, 1], node);
        // Files name at least operator set 6; LRN is that of 1 until 13.
        model.OpsetImport[0].Version = Math.Max(opset, OnnxOperators.MinOpset);
        float[] actual = model.Run(Values);
        for (int c = 0; c < 8; c++)
        {
            double sum = 0;
            for (int i = Math.Max(0, c - 1); i <= Math.Min(7, c + 2); i++)
                sum += Values[i] * Values[i];
            Assert.AreEqual(Values[c] / Math.Pow(1 + 1e-4 / 4 * sum, 0.75), actual[c], 1e-6);
        }

        node.WithFloat("alpha", 2).WithFloat("beta", 0.5f).WithFloat("bias", 3);
        Assert.AreEqual(9 / Math.Sqrt(3 + 2 / 4.0 * (4 + 81)), model.Run(Values)[7], 1e-6);
    }

    [TestMethod]
    public void Lrn_WithoutSizeOrWithTooLargeOne_IsRefused()
    {
        Assert.Contains("no size", Model([8, 1, 1], Node("LRN", "y", "x")).Refusal()[0].Cause);
        Assert.Contains("300", Model([8, 1, 1], Node("LRN", "y", "x").WithInt("size", 300)).Refusal()[0].Cause);
        Assert.Contains("bias 0", Model([8, 1, 1], Node("LRN", "y", "x").WithInt("size", 3).WithFloat("bias", 0)).Refusal()[0].Cause);
    }

    [TestMethod]
    public void PointFunctions_OfEveryOperator_EqualTheirFormulas()
    {
        Check(Node("LeakyRelu", "y", "x"), x => x < 0 ? 0.01 * x : x);
        Check(Node("LeakyRelu", "y", "x").WithFloat("alpha", 0.3f), x => x < 0 ? 0.3 * x : x);
        Check(Node("Elu", "y", "x"), x => x < 0 ? Math.Exp(x) - 1 : x);
        Check(Node("Sigmoid", "y", "x"), x => 1 / (1 + Math.Exp(-x)));
        Check(Node("HardSigmoid", "y", "x"), x => Math.Clamp(0.2 * x + 0.5, 0, 1));
        Check(Node("HardSigmoid", "y", "x").WithFloat("alpha", 0.5f).WithFloat("beta", 0.25f), x => Math.Clamp(0.5 * x + 0.25, 0, 1));
        Check(Node("HardSwish", "y", "x"), x => x * Math.Clamp(x + 3, 0, 6) / 6);
        Check(Node("Tanh", "y", "x"), Math.Tanh);
        Check(Node("PRelu", "y", "x", "s"), x => x < 0 ? 0.75 * x : x, model => model.Floats("s", [2, 1, 1], 0.75f, 0.75f));
    }

    [TestMethod]
    public void PointFunction_Bounds_ChangeLessThanHalfAStep()
    {
        foreach (PointFunction function in new PointFunction[]
                 {
                     new(PointFunctionKind.Sigmoid), new(PointFunctionKind.Tanh), new(PointFunctionKind.HardSwish),
                         new(PointFunctionKind.Elu, 1), new(PointFunctionKind.LeakyRelu, -0.5f),
                     new(PointFunctionKind.HardSigmoid, 0.2f, 0.5f), new(PointFunctionKind.HardSigmoid, -0.5f, 0.25f),
                         new(PointFunctionKind.HardSigmoid, 0, 0.25f), new(PointFunctionKind.Elu, -3),
                 })
        {
            for (double x = -50; x <= 50; x += 0.125)
                Assert.AreEqual(function.Of(x), function.Of(Math.Clamp(x, function.Bounds.Least, function.Bounds.Most)), 0.5 / 255,
                    $"{function} at {x}");
        }
    }

    [TestMethod]
    public void Sub_TwoTensors_IsSubtracted()
    {
        float[] actual = Model([8, 1, 1], Node("Relu", "a", "x"), Node("Sub", "y", "x", "a")).Run(Values);
        CollectionAssert.AreEqual(Values.Select(x => Math.Min(x, 0)).ToArray(), actual);
    }

    [TestMethod]
    public void Mul_MapAndGate_BroadcastsTheGateFromEitherSide()
    {
        foreach ((string a, string b) in new[] { ("x", "g"), ("g", "x") })
        {
            float[] actual = Model([2, 2, 2], Node("GlobalAveragePool", "g", "x"), Node("Mul", "y", a, b)).Run(Values);
            float first = (-7 - 3 - 1.5f - 0.25f) / 4, second = (0 + 0.5f + 2 + 9) / 4;
            CollectionAssert.AreEqual(Values.Select((x, i) => x * (i < 4 ? first : second)).ToArray(), actual);
        }

        CollectionAssert.AreEqual(Values.Select(x => x * x).ToArray(), Model([2, 2, 2], Node("Mul", "y", "x", "x")).Run(Values));
    }

    [TestMethod]
    public void Mul_RowsByMap_IsRefusedWithTheNearestForm() => Assert.Contains("one of them may be C x 1 x 1",
        Model([2, 2, 2], Node("MaxPool", "a", "x").With("kernel_shape", 2, 1), Node("Mul", "y", "x", "a")).Refusal()[0].Cause);

    [TestMethod]
    public void Div_TwoTensors_IsRefusedWithTheNearestForm() =>
        Assert.Contains("a product of two, or a constant divisor, maps",
            Model([2, 2, 2], Node("MaxPool", "a", "x").With("kernel_shape", 1, 1), Node("Div", "y", "x", "a")).Refusal()[0].Cause);

    [TestMethod]
    public void ArgMax_AtTheEnd_MarksTheFirstLargestClass()
    {
        ModelProto model = Model([4], Node("ArgMax", "y", "x").WithInt("axis", -1).WithInt("keepdims", 0));
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 0 }, model.Run([1, 5, 5, -2]));
        Assert.Contains("another axis", Model([4], Node("ArgMax", "y", "x")).Refusal()[0].Cause);
    }

    private static void Check(NodeProto node, Func<double, double> expected, Action<ModelProto>? add = null)
    {
        ModelProto model = Model([2, 2, 2], node);
        add?.Invoke(model);
        float[] actual = model.Run(Values);
        for (int i = 0; i < actual.Length; i++)
            Assert.AreEqual(expected(Values[i]), actual[i], 1e-6, $"{node.OpType} of {Values[i]}");
    }
}

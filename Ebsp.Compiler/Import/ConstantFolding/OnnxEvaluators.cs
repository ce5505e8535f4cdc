using System.Collections.Frozen;
using System.Globalization;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>One ONNX operator that is computed where all its inputs are known.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Types">Element types of its first input (of its result where it has none).</param>
/// <param name="Run">Computes the outputs, or throws <see cref="NotMappedException"/>.</param>
/// <param name="Since">First operator set that has it, of those that are read.</param>
/// <param name="IsMove">Whether it moves values without looking at them, so that an open batch size may be among them.</param>
internal sealed record OnnxEvaluator(string Type, ElementType[] Types, Func<EvaluatedNode, HostTensor[]> Run,
    int Since = OnnxOperators.MinOpset, bool IsMove = false)
{
    public OnnxEvaluator(string type, ElementType[] types, Func<EvaluatedNode, HostTensor> run, int since = OnnxOperators.MinOpset,
        bool isMove = false)
        : this(type, types, node => [run(node)], since, isMove)
    {
    }
}

/// <summary>The table of operators of the domain ai.onnx that are computed.</summary>
internal static class OnnxEvaluators
{
    // Functions of one value that have a row of their own, and those of integers.
    private static readonly string[] Own = ["Relu", "LeakyRelu", "Elu", "Tanh", "Sigmoid", "HardSigmoid", "HardSwish"];
    private static readonly string[] OfIntegersToo = ["Neg", "Abs", "Sign"];

    /// <summary>By name.</summary>
    public static FrozenDictionary<string, OnnxEvaluator> All { get; } = ((OnnxEvaluator[])
    [
        new("Add", ElementTypes.Numbers, Elementwise.Add),
        new("Sub", ElementTypes.Numbers, Elementwise.Sub),
        new("Mul", ElementTypes.Numbers, Elementwise.Mul),
        new("Div", ElementTypes.Numbers, Elementwise.Div),
        new("Sum", ElementTypes.Floats, Elementwise.Sum),
        new("Clip", ElementTypes.Numbers, Elementwise.Clip),
        new("Relu", ElementTypes.Floats, Elementwise.Relu),
        new("LeakyRelu", ElementTypes.Floats, Elementwise.LeakyRelu),
        new("PRelu", ElementTypes.Floats, Elementwise.PRelu),
        new("Elu", ElementTypes.Floats, Elementwise.Elu),
        new("Tanh", ElementTypes.Floats, Elementwise.Tanh),
        new("Sigmoid", ElementTypes.Floats, Elementwise.Sigmoid),
        new("HardSigmoid", ElementTypes.Floats, Elementwise.HardSigmoid),
        new("HardSwish", ElementTypes.Floats, Elementwise.HardSwish, 14),
        .. PointFormulas.All.Keys.Except(Own).Order(StringComparer.Ordinal).Select(type => new OnnxEvaluator(type,
            OfIntegersToo.Contains(type) ? ElementTypes.Numbers : ElementTypes.Floats, Elementwise.Formula(type))),
        new("Pow", ElementTypes.Numbers, Elementwise.Pow),
        new("Max", ElementTypes.Numbers, Elementwise.Max),
        new("Min", ElementTypes.Numbers, Elementwise.Min),
        new("ReduceSum", ElementTypes.Numbers, Reducing.Of(0, (sum, x) => sum + x)),
        new("ReduceProd", ElementTypes.Numbers, Reducing.Of(1, (product, x) => product * x)),
        new("ReduceMax", ElementTypes.Numbers, Reducing.Of(double.NegativeInfinity, Math.Max)),
        new("ReduceMin", ElementTypes.Numbers, Reducing.Of(double.PositiveInfinity, Math.Min)),
        new("ReduceL1", ElementTypes.Numbers, Reducing.Of(0, (sum, x) => sum + Math.Abs(x))),
        new("ReduceL2", ElementTypes.Numbers, Reducing.Of(0, (sum, x) => sum + x * x, Math.Sqrt)),
        new("ReduceSumSquare", ElementTypes.Numbers, Reducing.Of(0, (sum, x) => sum + x * x)),
        new("Equal", ElementTypes.All, Choosing.Compare((a, b) => a == b), 7),
        new("Greater", ElementTypes.Numbers, Choosing.Compare((a, b) => a > b), 7),
        new("GreaterOrEqual", ElementTypes.Numbers, Choosing.Compare((a, b) => a >= b), 12),
        new("Less", ElementTypes.Numbers, Choosing.Compare((a, b) => a < b), 7),
        new("LessOrEqual", ElementTypes.Numbers, Choosing.Compare((a, b) => a <= b), 12),
        new("And", [ElementType.Bool], Choosing.Compare((a, b) => a != 0 && b != 0), 7),
        new("Or", [ElementType.Bool], Choosing.Compare((a, b) => a != 0 || b != 0), 7),
        new("Not", [ElementType.Bool], Choosing.Not),
        new("Where", [ElementType.Bool], Choosing.Where, 9),
        new("Range", ElementTypes.Numbers, Choosing.Range, 11),
        new("Size", ElementTypes.All, Choosing.Size),
        new("Tile", ElementTypes.All, Moving.Tile),
        new("Expand", ElementTypes.All, Moving.Expand, 8),
        new("Split", ElementTypes.All, Moving.Split),
        new("Transpose", ElementTypes.All, Moving.Transpose, isMove: true),
        new("Slice", ElementTypes.All, Moving.Slice, isMove: true),
        new("Concat", ElementTypes.All, Moving.Concat, isMove: true),
        new("Pad", ElementTypes.All, Moving.Pad),
        new("Gather", ElementTypes.All, Moving.Gather, isMove: true),
        new("Reshape", ElementTypes.All, Shaping.Reshape, isMove: true),
        new("Flatten", ElementTypes.All, Shaping.Flatten),
        new("Squeeze", ElementTypes.All, Shaping.Squeeze, isMove: true),
        new("Unsqueeze", ElementTypes.All, Shaping.Unsqueeze, isMove: true),
        new("Identity", ElementTypes.All, Shaping.Identity, isMove: true),
        new("Dropout", ElementTypes.Floats, Shaping.Dropout),
        new("Constant", ElementTypes.All, Shaping.Constant),
        new("ConstantOfShape", [ElementType.Int64], Shaping.ConstantOfShape, 9),
        new("Shape", ElementTypes.All, Shaping.Shape),
        new("Cast", ElementTypes.All, Shaping.Cast, isMove: true),
        new("Conv", ElementTypes.Floats, Convolving.Conv),
        new("ConvInteger", ElementTypes.Bytes, Convolving.ConvInteger, 10),
        new("MaxPool", [.. ElementTypes.Floats, .. ElementTypes.Bytes], Convolving.MaxPool),
        new("AveragePool", ElementTypes.Floats, Convolving.AveragePool),
        new("GlobalAveragePool", ElementTypes.Floats, Convolving.GlobalAveragePool),
        new("GlobalMaxPool", ElementTypes.Floats, Convolving.GlobalMaxPool),
        new("GlobalLpPool", ElementTypes.Floats, Convolving.GlobalLpPool),
        new("MatMul", ElementTypes.Floats, Multiplying.MatMul),
        new("MatMulInteger", ElementTypes.Bytes, Multiplying.MatMulInteger, 10),
        new("Gemm", ElementTypes.Floats, Multiplying.Gemm),
        new("ReduceMean", ElementTypes.Floats, Reducing.ReduceMean),
        new("ArgMax", ElementTypes.Numbers, Reducing.ArgMax),
        new("Softmax", ElementTypes.Floats, Reducing.Softmax),
        new("LogSoftmax", ElementTypes.Floats, Reducing.LogSoftmax),
        new("BatchNormalization", ElementTypes.Floats, Normalizing.BatchNormalization),
        new("LRN", ElementTypes.Floats, Normalizing.LocalResponse),
        new("QuantizeLinear", ElementTypes.Floats, Quantizing.QuantizeLinear, 10),
        new("DequantizeLinear", [.. ElementTypes.Bytes, ElementType.Int16, ElementType.UInt16, ElementType.Int32],
            Quantizing.DequantizeLinear, 10),
        new("DynamicQuantizeLinear", [ElementType.Float32], Quantizing.DynamicQuantizeLinear, 11),
        new("QLinearConv", ElementTypes.Bytes, Quantizing.QLinearConv, 10),
        new("QLinearMatMul", ElementTypes.Bytes, Quantizing.QLinearMatMul, 10),
    ]).ToFrozenDictionary(op => op.Type, StringComparer.Ordinal);

    /// <summary>Computes a node whose operator is in the table.</summary>
    /// <exception cref="NotMappedException">Its form or types are not computed.</exception>
    public static HostTensor[] Run(OnnxEvaluator evaluator, EvaluatedNode node)
    {
        if (node.Optional(0) is { } first && !evaluator.Types.Contains(first.Type))
            throw new NotMappedException($"{evaluator.Type} of {first.Type.Name()}");
        if (node.Opset < evaluator.Since)
            throw new NotMappedException(
                string.Create(CultureInfo.InvariantCulture, $"{evaluator.Type} before operator set {evaluator.Since}"));
        if (!evaluator.IsMove)
            node.ReadAsDoubles();
        HostTensor[] outputs = evaluator.Run(node);
        node.RefuseUnreadAttributes();
        return outputs;
    }
}

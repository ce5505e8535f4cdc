using System.Collections.Frozen;

namespace Ebsp.Compiler.Import;

/// <summary>What to use in place of an operator, or of a form of it, that does not map.</summary>
internal static class NearestForms
{
    private static readonly FrozenDictionary<string, string> _instead = new Dictionary<string, string>
    {
        ["ConvTranspose"] = "Conv",
        ["Selu"] = "Relu, Elu, HardSwish",
        ["Celu"] = "Relu, Elu, HardSwish",
        ["Gelu"] = "Relu, Elu, HardSwish",
        ["Mish"] = "Relu, Elu, HardSwish",
        ["Softplus"] = "Relu",
        ["Max"] = "Clip with a constant bound",
        ["Min"] = "Clip with a constant bound",
        ["LpPool"] = "AveragePool, MaxPool",
        ["ReduceMax"] = "GlobalMaxPool",
        ["ReduceSum"] = "ReduceMean and Mul by a constant",
        ["InstanceNormalization"] = "BatchNormalization",
        ["LayerNormalization"] = "BatchNormalization",
        ["GroupNormalization"] = "BatchNormalization",
        ["Split"] = "Slice",
        ["Einsum"] = "MatMul by a constant matrix",
        ["SpaceToDepth"] = "Conv with strides",
        ["DynamicQuantizeLinear"] = "QuantizeLinear with a constant scale",
        ["ConvInteger"] = "QLinearConv",
        ["MatMulInteger"] = "QLinearMatMul",
        ["Gather"] = "Slice",
        ["QLinearAdd"] = "Add between DequantizeLinear and QuantizeLinear",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The operators that have an entry, in order.</summary>
    public static IEnumerable<KeyValuePair<string, string>> All => _instead.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    /// <summary>One phrase: the forms of the operator that map, or what is nearest to it.</summary>
    /// <param name="type">The operator, with its domain where that is not ai.onnx.</param>
    public static string Of(string type)
    {
        if (OnnxOperators.All.TryGetValue(type, out OnnxOperator? op))
            return $"supported: {op.Form}";
        return _instead.TryGetValue(type, out string? instead) ? $"nearest supported: {instead}" : "nothing near it is";
    }
}

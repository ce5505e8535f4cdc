using System.Collections.Frozen;

namespace Ebsp.Compiler.Import;

/// <summary>What to use in place of an operator, or of a form of it, that does not map.</summary>
internal static class NearestForms
{
    private static readonly FrozenDictionary<string, string> Instead = new Dictionary<string, string>
    {
        ["LpPool"] = "AveragePool, MaxPool",
        ["Einsum"] = "MatMul by a constant matrix",
        ["QLinearAdd"] = "Add between DequantizeLinear and QuantizeLinear",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private const string NotDynamic =
        "the scales change from image to image: give the float model, which `ebspc quantize` makes integers of";
    private const string NotByImage =
        "mean and deviation are those of each image: train or export with batch normalization, whose are constants";

    private static readonly FrozenDictionary<string, string> Remedies = new Dictionary<string, string>
    {
        ["DynamicQuantizeLinear"] = NotDynamic,
        ["ConvInteger"] = NotDynamic,
        ["MatMulInteger"] = NotDynamic,
        ["InstanceNormalization"] = NotByImage,
        ["GroupNormalization"] = NotByImage,
        ["LayerNormalization"] = NotByImage,
        ["MeanVarianceNormalization"] = NotByImage,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The operators that have an entry, in order.</summary>
    public static IEnumerable<KeyValuePair<string, string>> All => Instead.Concat(Remedies).OrderBy(pair =>
        pair.Key, StringComparer.Ordinal);

    /// <summary>One phrase: the forms of the operator that map, or what is nearest to it.</summary>
    /// <param name="type">The operator, with its domain where that is not ai.onnx.</param>
    public static string Of(string type)
    {
        if (OnnxOperators.All.TryGetValue(type, out OnnxOperator? op))
            return $"supported: {op.Form}";
        if (Remedies.TryGetValue(type, out string? remedy))
            return remedy;
        return Instead.TryGetValue(type, out string? instead) ? $"nearest supported: {instead}" : "nothing near it is";
    }
}

using System.Text.Json.Nodes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>What became of each layer.</summary>
internal static class QuantizationPrinting
{
    /// <summary>One row a layer.</summary>
    public static IEnumerable<string> Text(QuantizationResult result) => Tool.Text.Table(
    [
        ["layer", "reads", "weights", "stored as", "changed", "signal/error"],
        .. result.Layers.Select(layer => (string[])
        [
            layer.Node, layer.Input.ToString(), layer.Weights?.ToString() ?? "-", string.Join("+", layer.Outputs),
            layer.OutputValues.Count == 0 ? "-" : $"{Quantity.Significant(100 * layer.OutputValues[^1].ChangedShare)} %",
            double.IsNaN(layer.OutputSignalToNoise)
                ? "-"
                : double.IsFinite(layer.OutputSignalToNoise) ? $"{Quantity.Significant(layer.OutputSignalToNoise)} dB" : "exact",
        ]),
    ], left: 4);

    public static JsonObject Json(QuantizationResult result) => new()
    {
        ["layers"] = new JsonArray([.. result.Layers.Select(layer => new JsonObject
        {
            ["name"] = layer.Node,
            ["reads"] = layer.Input.ToString(),
            ["weights"] = layer.Weights?.ToString(),
            ["storedAs"] = new JsonArray([.. layer.Outputs.Select(format => JsonValue.Create(format.ToString()))]),
            ["signalToErrorDb"] = double.IsFinite(layer.OutputSignalToNoise) ? layer.OutputSignalToNoise : null,
        })]),
        ["operands"] = OperandPrinting.Json(OperandRow.Of(result)),
    };
}

using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Quantization;

namespace Ebsp.Cli.Printing;

/// <summary>What the search under a budget looked at.</summary>
internal static class BudgetPrinting
{
    /// <summary>One row a choice; '*' marks those that no other beats, '>' the chosen one.</summary>
    public static IEnumerable<string> Text(BudgetResult found, long budget) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"budget {budget} cycles, machine of k = {found.Options.Weights.PatternLength}"),
        .. Tool.Text.Table(
        [
            ["", "choice", "cycles", "scores, signal/error", "layers with own formats"],
            .. found.Points.Select(point => (string[])
            [
                point == found.Chosen ? ">" : point.IsPareto ? "*" : "", point.Name, Quantity.Count(point.Cycles),
                $"{Quantity.Significant(point.SignalToNoise)} dB",
                point.Layers.Count == 0 ? "-" : point.Layers.Count.ToString(CultureInfo.InvariantCulture),
            ]),
        ], left: 2),
        .. found.Chosen.Layers.Select(layer => "  " + layer),
        "",
    ];

    public static JsonObject Json(BudgetResult found, long budget) => new()
    {
        ["budgetCycles"] = budget,
        ["chosen"] = found.Chosen.Name,
        ["choices"] = new JsonArray([.. found.Points.Select(point => new JsonObject
        {
            ["name"] = point.Name,
            ["cycles"] = point.Cycles,
            ["signalToErrorDb"] = double.IsFinite(point.SignalToNoise) ? point.SignalToNoise : null,
            ["isUniform"] = point.IsUniform,
            ["isPareto"] = point.IsPareto,
            ["layers"] = new JsonArray([.. point.Layers.Select(layer => JsonValue.Create(layer))]),
        })]),
    };
}

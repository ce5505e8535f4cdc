using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>Layers that no array instruction takes along.</summary>
internal static class ExtraStepPrinting
{
    /// <summary>A table; nothing where there is no such layer.</summary>
    public static IEnumerable<string> Text(IReadOnlyList<ExtraStep> steps) => steps.Count == 0
        ? []
        : ["", .. Tool.Text.Table([["step without the array", "unit", "instructions"],
            .. steps.Select(step => (string[])[step.Layer, UnitName(step), Quantity.Count(step.Instructions)])], left: 2)];

    public static JsonArray Json(IReadOnlyList<ExtraStep> steps) => new([.. steps.Select(step => new JsonObject
    {
        ["layer"] = step.Layer,
        ["unit"] = UnitName(step),
        ["instructions"] = step.Instructions,
    })]);

    private static string UnitName(ExtraStep step) => step.Unit.ToString().ToLowerInvariant();
}

using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>What a program leaves to the host between layers, and how long the host takes for it.</summary>
internal static class HostPrinting
{
    /// <summary>A line a step; nothing where there is none.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="labelWidth">Characters in front of the text.</param>
    public static IEnumerable<string> Text(IReadOnlyList<HostWork> steps, int labelWidth) => steps.Select(step =>
        $"{"host".PadRight(labelWidth)}{step.Layer}: {step.Kind}, {Quantity.Count(step.Elements, "element")}, " +
            $"{Quantity.Count(step.Cycles, "cycle")}");

    public static JsonArray Json(IReadOnlyList<HostWork> steps) => new([.. steps.Select(step => new JsonObject
    {
        ["layer"] = step.Layer,
        ["kind"] = step.Kind.ToString(),
        ["elements"] = step.Elements,
        ["cycles"] = step.Cycles,
    })]);
}

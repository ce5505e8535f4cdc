using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>How many answers are right.</summary>
internal static class AccuracyPrinting
{
    public static string[] Text(Accuracy accuracy) =>
    [
        $"{$"top-{accuracy.Best}",-14} {Quantity.Percent(accuracy.Share)}, {Quantity.Count(accuracy.Correct)} of " +
            $"{Quantity.Count(accuracy.Images)} (95 % interval {Quantity.Percent(accuracy.Low95)} to {Quantity.Percent(accuracy.High95)})",
    ];

    /// <summary>Name of the field: top1, top5.</summary>
    public static string Field(Accuracy accuracy) => $"top{accuracy.Best}";

    public static JsonObject Json(Accuracy accuracy) => new()
    {
        ["correct"] = accuracy.Correct,
        ["images"] = accuracy.Images,
        ["low95"] = accuracy.Low95,
        ["high95"] = accuracy.High95,
    };
}

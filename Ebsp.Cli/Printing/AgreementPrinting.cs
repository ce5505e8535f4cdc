using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>How often two models agree.</summary>
internal static class AgreementPrinting
{
    /// <param name="agreement">The counts.</param>
    /// <param name="other">File and executor of the other model.</param>
    public static string[] Text(Agreement agreement, string other) =>
        [$"same answers   {Quantity.Count(agreement.Same)} of {Quantity.Count(agreement.Images)} as {other}"];

    public static JsonObject Json(Agreement agreement) => new() { ["sameAnswers"] = agreement.Same };
}

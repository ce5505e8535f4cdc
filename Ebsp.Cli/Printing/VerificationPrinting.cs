using System.Text.Json.Nodes;
using Ebsp.Compiler.Execution;

namespace Ebsp.Cli.Printing;

/// <summary>What a comparison of executors looked at.</summary>
internal static class VerificationPrinting
{
    /// <param name="verification">A comparison without a difference.</param>
    /// <param name="images">Images.</param>
    /// <param name="machines">Names of the machines.</param>
    public static string[] Text(Verification verification, int images, IEnumerable<string> machines) =>
    [
        $"{string.Join(", ", machines)} agree with the integer reference",
        $"{Quantity.Count(images, "image")}, {Quantity.Count(verification.Tiles, "tile")}, " +
            $"{Quantity.Count(verification.Elements, "element")} compared",
    ];

    public static JsonObject Json(Verification verification, int images, int machines) => new()
    {
        ["images"] = images,
        ["machines"] = machines,
        ["tiles"] = verification.Tiles,
        ["elements"] = verification.Elements,
        ["agree"] = verification.First is null,
    };
}

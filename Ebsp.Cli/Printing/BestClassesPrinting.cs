using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>The best classes of each image with probability and score.</summary>
internal static class BestClassesPrinting
{
    /// <summary>Lines of their own for one image, else a line an image.</summary>
    public static IEnumerable<string> Text(IReadOnlyList<BestClasses> images) => images.Count == 1
        ? images[0].Classes.Select((found, i) =>
            string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? "best" : ""),-14} {i + 1}. {Of(found)}"))
        : images.Select(image => $"{image.Image,-14} {string.Join("; ", image.Classes.Select(Of))}");

    public static JsonArray Json(IReadOnlyList<BestClasses> images) => new([.. images.Select(image => new JsonObject
    {
        ["image"] = image.Image,
        ["classes"] = new JsonArray([.. image.Classes.Select(found => new JsonObject
        {
            ["class"] = found.Class,
            ["name"] = found.Name,
            ["probability"] = double.IsFinite(found.Probability) ? found.Probability : null, // JSON has neither infinity nor NaN
            ["score"] = float.IsFinite(found.Score) ? found.Score : null,
        })]),
    })]);

    private static string Of(ClassScore found)
    {
        string name = found.Name ?? string.Create(CultureInfo.InvariantCulture, $"class {found.Class}");
        return $"{name} {Share(found.Probability)} ({Quantity.Significant(found.Score)})";
    }

    // Of a thousand classes most have next to nothing.
    private static string Share(double probability) => probability is > 0 and < 1e-6 ? "under 0.0001 %" : Quantity.Percent(probability);
}

using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>What quantization has cost on the calibration images.</summary>
internal static class QualityPrinting
{
    public static IEnumerable<string> Text(CalibrationQuality quality)
    {
        Agreement agreement = quality.Agreement;
        yield return $"same answers   {Quantity.Percent(agreement.Share)}, {Quantity.Count(agreement.Same)} of " +
            $"{Quantity.Count(agreement.Images, "calibration image")}, as the float network";
        if (quality is { Float: { } real, Integer: { } integer })
            yield return $"right answers  {Quantity.Percent(real.Share)} of the float network, {Quantity.Percent(integer.Share)} of the " +
                "integers, on these images";
    }

    public static JsonObject Json(CalibrationQuality quality) => new()
    {
        ["images"] = quality.Agreement.Images,
        ["sameAnswers"] = quality.Agreement.Same,
        ["floatTop1"] = quality.Float is { } real ? AccuracyPrinting.Json(real) : null,
        ["integerTop1"] = quality.Integer is { } integer ? AccuracyPrinting.Json(integer) : null,
    };
}

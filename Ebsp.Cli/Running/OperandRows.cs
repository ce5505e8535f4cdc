using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Quantization;

namespace Ebsp.Cli.Running;

/// <summary>The report of a quantized network: a row for the weights and each stored tensor of every layer. Columns:
/// docs/quantization.md.</summary>
internal static class OperandRows
{
    private static readonly string[] _columns =
    [
        "layer", "what", "format", "terms", "scale", "clip", "clipped_share", "changed_share", "zero_share", "window_shares", "snr_db",
            "uniform_snr_db", "output_snr_db",
    ];

    /// <summary>Comma-separated values, a header first; window shares are separated by spaces.</summary>
    public static string Csv(QuantizationResult result)
    {
        StringBuilder text = new StringBuilder().AppendJoin(',', _columns).Append('\n');
        foreach ((LayerReport layer, string what, OperandReport row) in Rows(result))
        {
            text.Append(Text.CsvCell(layer.Node)).Append(CultureInfo.InvariantCulture,
                $",{what},{row.Format},{row.Terms},{row.Scale:G9},{row.Clip:G9},{row.ClippedShare:G6},{row.ChangedShare:G6},{row.ZeroShare:G6},{string.Join(' ', row.WindowShares.Select(share => share.ToString("G6", CultureInfo.InvariantCulture)))},{Decibels(row.SignalToNoise)},{Decibels(row.UniformSignalToNoise)},{Decibels(layer.OutputSignalToNoise)}\n");
        }

        return text.ToString();
    }

    /// <summary>The same rows as objects.</summary>
    public static JsonArray Json(QuantizationResult result) => new([.. Rows(result).Select(each => new JsonObject
    {
        ["layer"] = each.Layer.Node,
        ["what"] = each.What,
        ["format"] = each.Row.Format.ToString(),
        ["terms"] = each.Row.Terms,
        ["scale"] = each.Row.Scale,
        ["clip"] = each.Row.Clip,
        ["clippedShare"] = each.Row.ClippedShare,
        ["changedShare"] = each.Row.ChangedShare,
        ["zeroShare"] = each.Row.ZeroShare,
        ["windowShares"] = new JsonArray([.. each.Row.WindowShares.Select(share => JsonValue.Create(share))]),
        ["signalToErrorDb"] = Finite(each.Row.SignalToNoise),
        ["uniformSignalToErrorDb"] = Finite(each.Row.UniformSignalToNoise),
        ["outputSignalToErrorDb"] = Finite(each.Layer.OutputSignalToNoise),
    })]);

    private static IEnumerable<(LayerReport Layer, string What, OperandReport Row)> Rows(QuantizationResult result)
    {
        foreach (LayerReport layer in result.Layers)
        {
            if (layer.WeightValues is { } weights)
                yield return (layer, "weights", weights);
            foreach (OperandReport output in layer.OutputValues)
                yield return (layer, "output", output);
        }
    }

    private static string Decibels(double value) => double.IsFinite(value) ? value.ToString("F2", CultureInfo.InvariantCulture) : "";

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

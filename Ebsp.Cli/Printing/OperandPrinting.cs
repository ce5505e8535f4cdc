using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reports;

namespace Ebsp.Cli.Printing;

/// <summary>The report of a quantized network: a row for the weights and each stored tensor of every layer. Columns:
/// docs/quantization.md.</summary>
internal static class OperandPrinting
{
    private static readonly string[] Columns =
    [
        "layer", "what", "format", "terms", "scale", "clip", "clipped_share", "changed_share", "zero_share", "window_shares", "snr_db",
            "uniform_snr_db", "output_snr_db",
    ];

    /// <summary>Comma-separated values, a header first; window shares are separated by spaces.</summary>
    public static string Csv(IEnumerable<OperandRow> rows)
    {
        StringBuilder text = new StringBuilder().AppendJoin(',', Columns).Append('\n');
        foreach (OperandRow each in rows)
        {
            OperandReport row = each.Operand;
            text.Append(Text.CsvCell(each.Layer.Node)).Append(CultureInfo.InvariantCulture,
                $",{Role(each)},{row.Format},{row.Terms},{row.Scale:G9},{row.Clip:G9},{row.ClippedShare:G6},{row.ChangedShare:G6}")
                .Append(CultureInfo.InvariantCulture, $",{row.ZeroShare:G6},{Shares(row)}")
                .Append(CultureInfo.InvariantCulture, $",{Decibels(row.SignalToNoise)},{Decibels(row.UniformSignalToNoise)}")
                .Append(CultureInfo.InvariantCulture, $",{Decibels(each.Layer.OutputSignalToNoise)}\n");
        }

        return text.ToString();
    }

    /// <summary>The same rows as objects.</summary>
    public static JsonArray Json(IEnumerable<OperandRow> rows) => new([.. rows.Select(each => new JsonObject
    {
        ["layer"] = each.Layer.Node,
        ["what"] = Role(each),
        ["format"] = each.Operand.Format.ToString(),
        ["terms"] = each.Operand.Terms,
        ["scale"] = each.Operand.Scale,
        ["clip"] = each.Operand.Clip,
        ["clippedShare"] = each.Operand.ClippedShare,
        ["changedShare"] = each.Operand.ChangedShare,
        ["zeroShare"] = each.Operand.ZeroShare,
        ["windowShares"] = new JsonArray([.. each.Operand.WindowShares.Select(share => JsonValue.Create(share))]),
        ["signalToErrorDb"] = Finite(each.Operand.SignalToNoise),
        ["uniformSignalToErrorDb"] = Finite(each.Operand.UniformSignalToNoise),
        ["outputSignalToErrorDb"] = Finite(each.Layer.OutputSignalToNoise),
    })]);

    private static string Role(OperandRow row) => row.Role.ToString().ToLowerInvariant();

    private static string Shares(OperandReport row) =>
        string.Join(' ', row.WindowShares.Select(share => share.ToString("G6", CultureInfo.InvariantCulture)));

    private static string Decibels(double value) => double.IsFinite(value) ? value.ToString("F2", CultureInfo.InvariantCulture) : "";

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

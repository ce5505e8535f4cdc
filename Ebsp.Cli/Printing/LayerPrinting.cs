using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Printing;

/// <summary>Where the cycles of a run go, layer by layer: for people, as JSON and as CSV (docs/layers.md).</summary>
internal static class LayerPrinting
{
    /// <summary>Name of the row for what belongs to no layer.</summary>
    public const string Rest = "(rest)";

    /// <summary>A short table.</summary>
    public static IEnumerable<string> Text(TimingReport report, ArchSpec arch) => Tool.Text.Table(
        [
            ["layer, one run", "cycles", "array busy", "array waits", "MACs", "of the PEs", "DRAM bytes"],
            .. Rows(report).Select(row => (string[])
            [
                row.Name, Quantity.Count(row.Layer.Span), Quantity.Count(row.Layer[Unit.Array].Busy),
                    Quantity.Count(row.Layer[Unit.Array].Stalls),
                Quantity.Count(row.Layer.Actions.Macs), Quantity.Percent(LayerColumn.Utilization(row.Layer, arch)),
                Quantity.Count(row.Layer.Actions.DramTotal.BurstRead + row.Layer.Actions.DramTotal.BurstWritten),
            ]),
        ]);

    /// <summary>All columns as an array of objects, one a layer.</summary>
    public static JsonArray Json(TimingReport report, ArchSpec arch) => new([.. Rows(report).Select(row =>
    {
        JsonObject layer = new() { ["layer"] = row.Name };
        foreach (LayerColumn column in LayerColumn.All)
            layer[column.Name] = JsonNode.Parse(column.Text(row.Layer, arch));
        return layer;
    })]);

    /// <summary>All columns as CSV, lines ended by \n, UTF-8.</summary>
    public static byte[] Csv(TimingReport report, ArchSpec arch)
    {
        StringBuilder text = new();
        text.AppendJoin(',', LayerColumn.All.Select(column => column.Name).Prepend("layer")).Append('\n');
        foreach ((string name, LayerTime layer) in Rows(report))
            text.AppendJoin(',', LayerColumn.All.Select(column => column.Text(layer, arch)).Prepend(Tool.Text.CsvCell(name))).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static IEnumerable<(string Name, LayerTime Layer)> Rows(TimingReport report) =>
        report.Layers.Select(layer => (layer.Name, layer)).Append((Rest, report.Rest));
}

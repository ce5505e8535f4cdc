using System.Globalization;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Printing;

/// <summary>
/// A column of the table of layers: the same name in CSV and JSON, one definition for both and for docs/layers.md. Counts are those of one
/// run.
/// </summary>
/// <param name="Name">Its name, unit last.</param>
/// <param name="Meaning">What it counts.</param>
/// <param name="Value">Its value for a layer.</param>
internal sealed record LayerColumn(string Name, string Meaning, Func<LayerTime, ArchSpec, double> Value)
{
    private static readonly Region[] DramRegions = [Region.Weights, Region.Tables, Region.Input, Region.Output, Region.Arena];

    /// <summary>All columns in order; the name of the layer stands before them.</summary>
    public static IReadOnlyList<LayerColumn> All { get; } =
    [
        new("startCycle", "Cycle in which the layer's first instruction starts", (layer, _) => layer.Start),
        new("endCycle", "Cycle in which its last instruction is done; layers overlap", (layer, _) => layer.End),
        new("spanCycles", "endCycle - startCycle", (layer, _) => layer.Span),
        new("macs", "Multiply-accumulates, taps on padding included", (layer, _) => layer.Actions.Macs),
        new("utilization", "macs / (PEs * spanCycles), 0..1", Utilization),
        new("lutProducts", "Products from the table", (layer, _) => layer.Actions.LutProducts),
        new("steeredActivations", "Activations that enter the array's rows", (layer, _) => layer.Actions.SteeredActivations),
        new("placedWeights", "Weights written into PEs", (layer, _) => layer.Actions.PlacedWeights),
        new("gatedSteps", "Steps of PEs without a product", (layer, _) => layer.Actions.GatedSteps),
        new("vectorElements", "Elements of VECTOR", (layer, _) => layer.Actions.VectorElements),
        new("lutElements", "Elements of LUT", (layer, _) => layer.Actions.LutElements),
        new("poolElements", "Elements of POOL times the taps of their windows", (layer, _) => layer.Actions.PoolElements),
        new("hostElements", "Elements of HOST", (layer, _) => layer.Actions.HostElements),
        .. Enum.GetValues<Unit>().SelectMany(OfUnit),
        .. DramRegions.SelectMany(OfRegion),
    ];

    /// <summary>Share of the PEs that work while the layer runs, 0..1.</summary>
    public static double Utilization(LayerTime layer, ArchSpec arch) =>
        layer.Span == 0 ? 0 : layer.Actions.Macs / ((double)arch.ProcessingElements * layer.Span);

    /// <summary>The value as invariant text: integers whole, ratios so that they read back.</summary>
    public string Text(LayerTime layer, ArchSpec arch) => Value(layer, arch).ToString("R", CultureInfo.InvariantCulture);

    private static IEnumerable<LayerColumn> OfUnit(Unit unit)
    {
        string name = Camel(unit.ToString());
        yield return new LayerColumn($"{name}Instructions", $"Instructions of {name} that were started", (layer, _) =>
            layer.Actions[unit].Instructions);
        yield return new LayerColumn($"{name}BusyCycles", $"Cycles in which {name} works", (layer, _) => layer[unit].Busy);
        foreach (StallKind kind in Enum.GetValues<StallKind>())
            yield return new LayerColumn($"{name}Stall{kind}Cycles", $"Cycles in which {name} waits, stall `{Camel(kind.ToString())}`",
                (layer, _) => layer[unit].Of(kind));
        yield return new LayerColumn($"{name}BufferReadBytes", $"Bytes that {name} reads from the buffer", (layer, _) =>
            layer.Actions[unit].BufferBytesRead);
        yield return new LayerColumn($"{name}BufferWrittenBytes", $"Bytes that {name} writes to the buffer", (layer, _) =>
            layer.Actions[unit].BufferBytesWritten);
        yield return new LayerColumn($"{name}PsumReadBytes", $"Bytes that {name} reads from psum memory", (layer, _) =>
            layer.Actions[unit].PsumBytesRead);
        yield return new LayerColumn($"{name}PsumWrittenBytes", $"Bytes that {name} writes to psum memory", (layer, _) =>
            layer.Actions[unit].PsumBytesWritten);
    }

    private static IEnumerable<LayerColumn> OfRegion(Region region)
    {
        int index = (int)region;
        string name = Camel(region.ToString());
        yield return new LayerColumn($"{name}DramReadBytes", $"Payload read from the region {name}", (layer, _) =>
            layer.Actions.Dram[index].Read);
        yield return new LayerColumn($"{name}DramBurstReadBytes", "The same in whole bursts", (layer, _) =>
            layer.Actions.Dram[index].BurstRead);
        yield return new LayerColumn($"{name}DramWrittenBytes", $"Payload written to the region {name}", (layer, _) =>
            layer.Actions.Dram[index].Written);
        yield return new LayerColumn($"{name}DramBurstWrittenBytes", "The same in whole bursts", (layer, _) =>
            layer.Actions.Dram[index].BurstWritten);
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

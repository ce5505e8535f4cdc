using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Emulator.Timing;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Report;

/// <summary>The charts of one compiled program.</summary>
/// <param name="run">The program.</param>
/// <param name="costs">Constants.</param>
internal sealed class ProgramFigures(ProgramRun run, CostSet costs)
{
    private readonly ImmutableArray<LayerTime> _layers = run.Timing.Layers;

    /// <summary>All of them, in the order of the page.</summary>
    public IEnumerable<Figure> All()
    {
        yield return Timeline();
        yield return Stalls();
        yield return Roofline();
        yield return Utilization();
        yield return Breakdown();
        if (!run.Weights.IsEmpty)
            yield return Patterns();
    }

    private Figure Timeline()
    {
        double perCycle = 1e6 / run.Program.Arch.ClockHz;
        JsonObject bars = Plot.Bars("layers", 0, _layers.Select(layer => layer.Name), _layers.Select(layer => (double?)(layer
            .Span * perCycle)), true);
        bars["base"] = Plot.Numbers(_layers.Select(layer => (double?)(layer.Start * perCycle)));
        return new Figure("timeline", "When each layer runs", "From the start of its first instruction to the end of its last; layers " +
            "overlap. `ebspc trace` writes every instruction for a trace viewer.", Tall(Plot.TopDown(Plot.Layout("time, us", ""))),
            [new FigureView("all", [bars])]);
    }

    private Figure Stalls()
    {
        string[] units = [.. run.Timing.Units.Select(unit => unit.Unit.ToString().ToLowerInvariant())];
        double percent = 100.0 / Math.Max(1, run.Timing.Cycles);
        return new Figure("stalls", "What the units do with their time", "Busy, and what they wait for: fetch - no instruction yet, " +
            "counter - another unit's result, queue - a full queue, dram - the channel serves another unit, end - nothing left to do.",
            Plot.TopDown(Plot.Stacked("cycles of the run, %", "")),
            [
                new FigureView("all",
                [
                    Plot.Bars("busy", 0, units, run.Timing.Units.Select(unit => (double?)(unit.Busy * percent)), true),
                    .. Enum.GetValues<StallKind>().Select((kind, i) => (JsonNode)Plot.Bars(kind.ToString().ToLowerInvariant(), i + 1, units,
                        run.Timing.Units.Select(unit => (double?)(unit.Of(kind) * percent)), true)),
                ]),
            ]);
    }

    private Figure Roofline() => new("roofline", "Roofline, layer by layer", "A point is a layer: MACs for each byte that it moves from " +
        "and to " +
        "DRAM, and MACs for each cycle by which its end lies behind the ends of those before it. Left of the bend DRAM is the limit, " +
            "right of it the array. A layer that ran beside its neighbor may lie above the roof.",
        Plot.Layout("MACs a DRAM byte", "MACs a cycle", isLogX: true, isLogY: true), [new FigureView("all", Rooflines.Of([run.Result]))]);

    private Figure Utilization() => new("utilization", "Utilization of the array", "MACs over processing elements times the cycles by " +
        "which the layer's end lies behind the ends of those before it.", Plot.Layout("", "%"),
        [
            new FigureView("all", [Plot.Bars("utilization", 0, run.Result.Labels.Select(label => label.Name),
                run.Result.Labels.Zip(run.Result.Layers, (label, layer) => layer.Cycles == 0 ? (double?)null
                    : 100.0 * label.Macs / (layer.Cycles * run.Program.Arch.ProcessingElements)))]),
        ]);

    private Figure Breakdown()
    {
        ImmutableArray<EnergyBreakdown> energies = run.Result.EnergyOfLayers(costs);
        return new Figure("breakdown", "Where energy goes", "Energy of each layer by part; (rest) belongs to no layer.",
            Plot.Stacked("", "energy, uJ"),
            [
                new FigureView("all", [.. Enum.GetValues<EnergyPart>().Select((part, i) => (JsonNode)Plot.Bars(part.ToString(), i,
                    run.Result.Labels.Select(label => label.Name), energies.Select(energy => (double?)(energy.Of(part) / 1e6))))]),
            ]);
    }

    private Figure Patterns() => new("patterns", "Patterns of the weights", "How many weights have each magnitude, both signs together. " +
        "Gaps are magnitudes that no pattern of the format has.", Plot.Layout("magnitude of the weight, steps of its scale", "weights, %"),
        [.. run.Weights.Select(layer => new FigureView(
            string.Create(CultureInfo.InvariantCulture, $"{layer.Name}, {layer.Format}"), [Histogram(layer)]))]);

    private static JsonObject Histogram(LayerWeights layer)
    {
        (int Magnitude, long Count)[] counts = [.. layer.Histogram()];
        JsonObject bars = Plot.Bars("weights", 0, [], counts.Select(row => (double?)(100.0 * row.Count / Math.Max(1,
            layer.Values.Length))));
        bars["x"] = Plot.Numbers(counts.Select(row => (double?)row.Magnitude));
        return bars;
    }

    // Room for a line a layer.
    private JsonObject Tall(JsonObject layout)
    {
        layout["height"] = Math.Max(300, 80 + 16 * _layers.Length);
        return layout;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Machines;
using Ebsp.Isa.Numerics;

namespace Ebsp.Evaluation.Report;

/// <summary>The charts of a comparison.</summary>
/// <param name="comparison">The results.</param>
/// <param name="costs">Constants.</param>
/// <param name="patterns">Points of the pattern sweep.</param>
internal sealed class CompareFigures(Comparison comparison, CostSet costs, IReadOnlyList<PatternPoint> patterns)
{
    private const int Constants = 12;

    // A swing of 0.01 points is no bar.
    private const double Visible = 1e-4;

    private readonly int _others = comparison.Machines.Length - 1;
    private readonly string[] _names = [.. comparison.Machines.Select(machine => machine.Spec.Name)];
    private readonly string[] _networks = [.. comparison.Networks.Select(network => network.Name)];

    /// <summary>All of them, in the order of the page.</summary>
    public IEnumerable<Figure> All() => [SpeedUp(), EnergyGain(), Networks(), Breakdown(), Utilization(), Roofline(), Pareto(), Tornado(),
        Patterns()];

    private Figure SpeedUp() => Gain("speedup", "Speed-up beside the paper's",
        "How many times as fast as each machine EBSP is: 1 / (1 - mean of the time saved). The paper's bars are its averages over " +
            "networks that it does not name; `counts` is what the numbers of elements alone would give, every element busy.",
        "times as fast", row => row.TimeSaved, comparison.Gain,
        m => comparison.Machines[^1].Spec.PeakMacs / comparison.Machines[m].Spec.PeakMacs);

    private Figure EnergyGain() => Gain("energy", "Energy beside the paper's",
        "How many times EBSP's energy each machine takes: 1 / (1 - mean of the energy saved).", "times the energy of EBSP",
        row => row.EnergySaved, m => comparison.Saving(m, costs), null);

    private Figure Gain(string id, string title, string caption, string axis, Func<Paper, double> paper, Func<int, double> mean,
        Func<int, double>? counts)
    {
        string[] keys = _names[..^1];
        JsonArray traces =
        [
            Plot.RatioBars("paper", 0, keys, keys.Select(name => Paper.Of(name) is { } row ? 1 / (1 - paper(row) / 100) : (double?)null)),
            Plot.RatioBars("ours", 1, keys, Others().Select(m => (double?)(1 / (1 - mean(m))))),
        ];
        if (counts is not null)
            traces.Add((JsonNode)Plot.RatioBars("counts", 2, keys, Others().Select(m => (double?)counts(m))));
        return new Figure(id, title, caption, Plot.OfRatios(axis), [new FigureView("all", traces)]);
    }

    private Figure Networks() => new("networks", "Network by network", "Time and energy of each machine over those of EBSP; above 1 " +
        "EBSP is better.", Plot.OfRatios("ratio to EBSP"),
        [
            new FigureView("time", [.. Others().Select(m => (JsonNode)Plot.RatioBars(_names[m], m, _networks,
                _networks.Select((_, n) => (double?)(1 / (1 - comparison.Gain(m, n))))))]),
            new FigureView("energy", [.. Others().Select(m => (JsonNode)Plot.RatioBars(_names[m], m, _networks,
                _networks.Select((_, n) => (double?)(1 / (1 - comparison.Saving(m, n, costs))))))]),
        ]);

    private Figure Breakdown() => new("breakdown", "Where energy goes", "Energy of a run by part. Static is leakage times time: a slow " +
        "machine leaks for longer.", Plot.Stacked("", "energy of a run, mJ"),
        [
            new FigureView("all networks", Parts([.. comparison.Results.Select(results =>
                results.Aggregate(default(EnergyBreakdown), (sum, result) => sum + result.Energy(costs)))])),
            .. _networks.Select((network, n) =>
                new FigureView(network, Parts([.. comparison.Results.Select(results => results[n].Energy(costs))]))),
        ]);

    private JsonArray Parts(EnergyBreakdown[] energies) => [.. Enum.GetValues<EnergyPart>().Select((part, i) =>
        (JsonNode)Plot.Bars(part.ToString(), i, _names, energies.Select(energy => (double?)(energy.Of(part) / 1e9))))];

    private Figure Utilization() => new("utilization", "Utilization", "MACs over cycles times the most products a cycle, percent.",
        Plot.TopDown(Plot.Layout("", "")),
        [
            new FigureView("all", [Plot.Map(_networks, _names,
                comparison.Results.Select(results => results.Select(result => 100 * result.Utilization)), 100)]),
        ]);

    private Figure Roofline() => new("roofline", "Roofline, layer by layer", "A point is a layer: what it takes from DRAM along x, what " +
        "the " +
        "machine does along y. Left of the bend DRAM is the limit, right of it the array; the gap below the roof is what the shape of " +
            "the layer wastes.", Plot.Layout("MACs a DRAM byte", "MACs a cycle", isLogX: true, isLogY: true),
        [.. _names.Index().OrderBy(row => row.Index < _others).Select(row => new FigureView(row.Item, Rooflines
            .Of(comparison.Results[row.Index])))]);

    private Figure Pareto() => new("pareto", "Bits and pattern length", "Every format has as many elements as 0.32 mm2 hold. SQNR (a " +
        "Gaussian rounded to the pattern) stands for accuracy. The line joins the formats that no other one beats in both.",
        Plot.Layout("energy of a run of all networks, mJ", "SQNR, dB"),
        [
            new FigureView("all",
            [
                Plot.Line("front", -1, PatternExperiment.Front(patterns).OrderBy(point => point.Energy.Total)
                    .Select(point => (point.Energy.Total / 1e9, point.SignalToNoise))),
                Plot.Points("formats", 0, [.. patterns.OrderBy(point => point.Energy.Total)
                    .Select(point => (point.Energy.Total / 1e9, point.SignalToNoise, point.Format))],
                    isLabeled: true),
            ]),
        ]);

    private Figure Tornado() => new("tornado", "What the conclusion hangs on", "Energy that EBSP saves, mean over the networks, when one " +
        "constant is 20 % less or more; the bars begin at the value of this page.",
        Plot.TopDown(Overlaid(Plot.Layout("energy saved, %", ""))),
        [.. Others().OrderBy(m => Paper.Of(_names[m]) is null).Select(m => new FigureView("against " + _names[m], Swings(m)))]);

    private JsonArray Swings(int machine)
    {
        double here = 100 * comparison.Saving(machine, costs);
        (string Key, double Less, double More)[] swings = [.. SensitivityExperiment.Swings(comparison, costs, machine)
            .Where(swing => Math.Abs(swing.More - swing.Less) > Visible).OrderByDescending(swing =>
                Math.Abs(swing.More - swing.Less)).Take(Constants)];
        JsonObject less = Plot.Bars("20 % less", 0, swings.Select(swing => swing.Key), swings.Select(s => (double?)(100 * s.Less - here)),
            true),
            more = Plot.Bars("20 % more", 1, swings.Select(swing => swing.Key), swings.Select(s => (double?)(100 * s.More - here)), true);
        less["base"] = here;
        more["base"] = here;
        return [less, more];
    }

    private static JsonObject Overlaid(JsonObject layout)
    {
        layout["barmode"] = "overlay";
        return layout;
    }

    private static Figure Patterns() => new("patterns", "What the patterns can say", "Share of Gaussian weights on each magnitude of a " +
        "format, scale of the least squared error. Short patterns leave gaps between large values.",
        Plot.Layout("magnitude of the weight, steps of its scale", "share of the weights, %"),
        [.. PatternPoint.Formats.OrderBy(format => format != (6, 3)).Select(format => new FigureView(
            string.Create(CultureInfo.InvariantCulture, $"{format.Bits}-bit({format.K})"),
            [Histogram(GaussianFit.Of(PatternFormat.Window(format.Bits, format.K, signed: true)))]))]);

    private static JsonObject Histogram(GaussianFit fit)
    {
        JsonObject bars = Plot.Bars("weights", 0, [], fit.Shares.Select(share => (double?)(100 * share.Share)));
        bars["x"] = Plot.Numbers(fit.Shares.Select(share => (double?)share.Magnitude));
        return bars;
    }

    private IEnumerable<int> Others() => Enumerable.Range(0, _others);
}

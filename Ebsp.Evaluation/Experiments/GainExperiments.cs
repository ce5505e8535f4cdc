using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Time and energy that EBSP saves against each machine, beside the paper's averages.</summary>
internal static class GainExperiments
{
    /// <summary>Performance gain, 1 - time of EBSP / time of the machine.</summary>
    public static ExperimentTable Time(Comparison comparison) =>
        Table(comparison, "time", "Time that EBSP saves", "1 - cycles of EBSP / cycles of the machine",
        comparison.Gain, comparison.Gain, row => row.TimeSaved, WhyTime,
        m => 1 - comparison.Machines[m].Spec.PeakMacs / comparison.Machines[^1].Spec.PeakMacs);

    /// <summary>Energy reduction, 1 - energy of EBSP / energy of the machine.</summary>
    public static ExperimentTable Energy(Comparison comparison, CostSet costs) => Table(comparison, "energy", "Energy that EBSP saves",
        "1 - energy of EBSP / energy of the machine", (m, n) => comparison.Saving(m, n, costs), m => comparison.Saving(m, costs), row =>
            row.EnergySaved,
        name => StaticPower.Sentence(comparison, costs, name));

    private static ExperimentTable Table(Comparison comparison, string name, string title, string formula, Func<int, int, double> of,
        Func<int, double> mean,
        Func<Paper, double> paper, Func<string, string> why, Func<int, double>? counts = null)
    {
        int others = comparison.Machines.Length - 1;
        ImmutableArray<Column> columns =
        [
            new("machine", "", "what EBSP is compared with"),
            .. comparison.Networks.Select(network => new Column(network.Name, "%", formula, Each: "network")),
            .. counts is null ? Array.Empty<Column>()
                : [new Column("counts", "%", "1 - peak products a cycle of the machine / those of EBSP: every element busy")],
            new("ours", "%", "mean over the networks"), new("paper", "%", "EBSP, DAC 2022, abstract: average", "0.0"),
            new("difference", "points", "ours - paper", "+0.0;-0.0"), new("why", "", "reading of the difference"),
        ];
        return new ExperimentTable(name, title, columns, [.. Enumerable.Range(0, others).Select(Row)],
            [.. Enumerable.Range(0, others).Select(m => Paper.Of(comparison.Machines[m].Spec.Name)).OfType<Paper>().Take(1).SelectMany(_ =>
                Paper.Contradictions)]);

        ImmutableArray<object?> Row(int m)
        {
            string machine = comparison.Machines[m].Spec.Name;
            double ours = 100 * mean(m);
            double? claimed = Paper.Of(machine) is { } row ? paper(row) : null;
            return
            [
                machine, .. Enumerable.Range(0, comparison.Networks.Length).Select(n => (object?)(100 * of(m, n))),
                .. counts is null ? Array.Empty<object?>() : [100 * counts(m)], ours, claimed,
                claimed is { } c ? ours - c : null, claimed is null ? "" : why(machine),
            ];
        }
    }

    private static string WhyTime(string machine) => machine switch
    {
        "eyeriss" => "the paper's 93.8 % is 16.1x, the counts alone give 4818/224 = 21.5x: it has Eyeriss 1.33 times as busy as EBSP",
        "bitfusion" => "counts: 4818 against 3168/4 products; depthwise layers leave its array nearly idle by its own rule",
        "wax-printed" => "102 multipliers cannot give the paper's 3.66x (counts: 47x)",
        "wax-tiles" => "24 lanes a tile: counts 2448 against 4818; the paper's 3.66x means 12.9 products a tile, lanes used to 54 %",
        "olaccel" => "counts: 4818/2499 = 1.93x; extra outliers of a chunk cost 9 % of its cycles, first and last layer four passes",
        "olaccel-groups" => "16 of 17 lanes and six of seven groups are dense: 2016 products a cycle, not 2499",
        _ => "",
    };
}

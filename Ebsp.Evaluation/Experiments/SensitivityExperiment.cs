using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Experiments;

/// <summary>How far each conclusion moves: every constant by 20 %, then other sets, DRAMs, devices and what an element is taken to
/// be.</summary>
internal static class SensitivityExperiment
{
    private const double Step = 0.2;

    /// <summary>Runs it; constants change prices alone, so nothing is run again.</summary>
    public static ExperimentTable Run(Comparison comparison, CostSet costs)
    {
        ImmutableArray<IMachine> machines = comparison.Machines;
        List<(string What, CostSet Costs)> cases = [("as above", costs)];
        foreach (string key in Keys(comparison, costs))
        {
            cases.Add(($"{key} -20 %", Changed(costs, key, 1 - Step)));
            cases.Add(($"{key} +20 %", Changed(costs, key, 1 + Step)));
        }

        cases.AddRange(CostSet.Names.Where(name => name != costs.Name).Select(name => ($"set {name}", costs with { Name = name })));
        cases.AddRange(CostSet.Drams.Where(name => name != costs.DramName).Select(name =>
            ($"DRAM {name}", costs with { DramName = name })));
        DeviceType other = costs.Device == DeviceType.Hp ? DeviceType.Lop : DeviceType.Hp;
        cases.Add(($"SRAM devices {other.ToString().ToLowerInvariant()}", costs with { Device = other }));
        CostColumn column = costs.Column == CostColumn.Paper ? CostColumn.Physical : CostColumn.Paper;
        cases.Add(($"elements priced as {column.ToString().ToLowerInvariant()}", costs with { Column = column }));
        int others = machines.Length - 1;
        return new ExperimentTable("sensitivity", "Energy that EBSP saves, mean over the networks, when a constant changes",
            [new("case", "", "the constant that changes"),
                .. machines.Take(others).Select(machine => new Column(machine.Spec.Name, "%", "mean of 1 - energy / energy",
                    Each: "machine"))],
            [.. cases.Select(row => (ImmutableArray<object?>)[row.What,
                .. Enumerable.Range(0, others).Select(m => (object?)(100 * comparison.Saving(m, row.Costs)))])],
            []);
    }

    /// <summary>What 20 % less and 20 % more of each constant make of the saving against a machine.</summary>
    /// <param name="comparison">The results.</param>
    /// <param name="costs">Constants.</param>
    /// <param name="machine">Index of the machine.</param>
    /// <returns>Constant, saving with 0.8 times it, saving with 1.2 times it.</returns>
    public static IEnumerable<(string Key, double Less, double More)> Swings(Comparison comparison, CostSet costs, int machine) =>
        Keys(comparison, costs).Select(key => (key, comparison.Saving(machine, Changed(costs, key, 1 - Step)),
            comparison.Saving(machine, Changed(costs, key, 1 + Step))));

    private static IEnumerable<string> Keys(Comparison comparison, CostSet costs) => comparison.Machines
        .SelectMany(machine => machine.Actions).Where(action => action.Cost.Picojoules(costs) > 0).Select(action => action.Cost.Key)
        .Distinct().Order(StringComparer.Ordinal);

    private static CostSet Changed(CostSet costs, string key, double factor) =>
        costs with { Factors = costs.Factors.SetItem(key, factor) };

    /// <summary>How far conditions move the conclusions: buffer and batch; every machine is run again.</summary>
    /// <param name="build">The comparison for a buffer and a batch.</param>
    /// <param name="costs">Constants.</param>
    /// <param name="bufferBytes">The buffer.</param>
    /// <param name="batch">The batch.</param>
    public static ExperimentTable Conditions(Func<int, int, Comparison> build, CostSet costs, int bufferBytes, int batch)
    {
        List<(string What, Comparison Comparison)> cases =
        [
            ("as above", build(bufferBytes, batch)),
            ("half the buffer", build(bufferBytes / 128 * 64, batch)),
            ("twice the buffer", build(bufferBytes * 2, batch)),
            (string.Create(CultureInfo.InvariantCulture, $"batch {(batch == 16 ? 1 : 16)}"), build(bufferBytes, batch == 16 ? 1 : 16)),
        ];
        ImmutableArray<IMachine> machines = cases[0].Comparison.Machines;
        int others = machines.Length - 1;
        return new ExperimentTable("conditions", "Time and energy that EBSP saves, mean over the networks, when conditions change",
            [
                new("case", "", "what changes"),
                .. machines.Take(others).SelectMany(machine => new[]
                {
                    new Column(machine.Spec.Name + " time", "%", "mean of 1 - time / time", Each: "machine, then time"),
                    new Column(machine.Spec.Name + " energy", "%", "mean of 1 - energy / energy", Each: "machine, then energy"),
                }),
            ],
            [.. cases.Select(row => (ImmutableArray<object?>)
                [row.What, .. Enumerable.Range(0,
                    others).SelectMany(m => new object?[] { 100 * row.Comparison.Gain(m), 100 * row.Comparison.Saving(m, costs) })])],
            []);
    }
}

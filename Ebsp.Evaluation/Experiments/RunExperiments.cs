using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Cycles, utilization and energy of every machine on every network.</summary>
internal static class RunExperiments
{
    /// <summary>One row a machine and network.</summary>
    public static ExperimentTable Breakdown(Comparison comparison, CostSet costs) => new("runs", "Runs",
        [
            new("machine", "", "name on the command line"), new("network", "", "name on the command line"),
            new("cycles", "M", "of a run, 10^6", "0.000"), new("time", "ms", "cycles / clock", "0.000"),
            new("utilization", "%", "MACs / (cycles * peak MACs a cycle)", "0.0"),
            new("DRAM traffic", "MB", "bytes read and written, 10^6", "0.00"),
            new("DRAM", "mJ", "bytes * 8 * pJ a bit", "0.0000"),
            new("buffer", "mJ", "accesses * pJ of CACTI's nearest larger memory", "0.0000"),
            new("core", "mJ", "actions of the elements and their storage * pJ", "0.0000"), new("static", "mJ", "leakage * time", "0.0000"),
            new("energy", "mJ", "sum of the four", "0.0000"),
        ],
        [.. comparison.Results.SelectMany(results => results).Select(result => Row(result, costs))], []);

    private static ImmutableArray<object?> Row(NetworkResult result, CostSet costs)
    {
        EnergyBreakdown energy = result.Energy(costs);
        double traffic = result.Layers.Sum(layer => layer.DramReadBytes + layer.DramWrittenBytes);
        return
        [
            result.Machine.Spec.Name, result.Network.Name, result.Cycles / 1e6, result.Seconds * 1e3, 100 * result.Utilization,
            traffic / 1e6,
            energy.Dram / 1e9, energy.Buffer / 1e9, energy.Core / 1e9, energy.Static / 1e9, energy.Total / 1e9,
        ];
    }
}

using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Layer by layer on one machine.</summary>
internal static class LayerExperiment
{
    /// <summary>One row a network and layer that takes time or has products.</summary>
    /// <param name="results">Results of one machine.</param>
    /// <param name="costs">Constants.</param>
    public static ExperimentTable Run(IEnumerable<NetworkResult> results, CostSet costs) => new("layers", "Layers of EBSP",
        [
            new("network", "", "name on the command line"), new("layer", "", "name in the network"),
            new("MACs", "M", "N*K*P*Q*R*S*C/G, 10^6; of a compiled program with padding and both terms of the input", "0.000"),
            new("cycles", "k", "in closed form those of the layer alone, executed those by which its end lies behind the ends of the " +
                "layers before, 10^3", "0.000"),
            new("utilization", "%", "MACs / (cycles * peak MACs a cycle)", "0.0"),
            new("DRAM traffic", "kB", "bytes read and written, 10^3", "0.0"),
            new("intensity", "MAC/byte", "MACs / DRAM traffic", "0.0"),
            new("bound", "", "DRAM where intensity * DRAM bytes a cycle < peak MACs a cycle, else array"),
            new("DRAM", "uJ", "bytes * 8 * pJ a bit", "0.000"), new("buffer", "uJ", "accesses * pJ of CACTI's nearest larger memory",
                "0.000"),
            new("core", "uJ", "actions of the elements and their storage * pJ", "0.000"), new("static", "uJ", "leakage * time", "0.000"),
            new("energy", "uJ", "sum of the four", "0.000"),
        ],
        [.. results.SelectMany(result => Rows(result, costs))],
        ["Layers of a compiled program overlap; the row (rest) is what belongs to none."]);

    private static IEnumerable<ImmutableArray<object?>> Rows(NetworkResult result, CostSet costs)
    {
        double peak = result.Machine.Spec.PeakMacs, rate = result.Conditions.DramBytesPerCycle;
        ImmutableArray<EnergyBreakdown> energies = result.EnergyOfLayers(costs);
        for (int i = 0; i < result.Layers.Length; i++)
        {
            LayerResult layer = result.Layers[i];
            (string name, long macs) = result.Labels[i];
            double traffic = layer.DramReadBytes + layer.DramWrittenBytes;
            if (layer.Cycles == 0 && macs == 0)
                continue;
            bool hasProducts = macs > 0 && traffic > 0;
            yield return
            [
                result.Network.Name, name, macs / 1e6, layer.Cycles / 1e3, layer.Cycles > 0 ? 100 * macs / (layer.Cycles * peak) : null,
                traffic / 1e3, hasProducts ? macs / traffic : null, !hasProducts ? "" : macs / traffic * rate < peak ? "DRAM" : "array",
                energies[i].Dram / 1e6, energies[i].Buffer / 1e6, energies[i].Core / 1e6, energies[i].Static / 1e6, energies[i].Total / 1e6,
            ];
        }
    }
}

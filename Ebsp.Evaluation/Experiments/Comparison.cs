using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Machines on networks under shared conditions; the last machine is the one that the others are compared with.</summary>
/// <param name="Machines">Machines.</param>
/// <param name="Networks">Networks.</param>
/// <param name="Results">Results, by machine and network.</param>
internal sealed record Comparison(
    ImmutableArray<IMachine> Machines, ImmutableArray<Network> Networks, ImmutableArray<ImmutableArray<NetworkResult>> Results)
{
    /// <summary>Results of EBSP, the last machine.</summary>
    public ImmutableArray<NetworkResult> Ours => Results[^1];

    /// <summary>Runs every network on every machine.</summary>
    public static Comparison Run(IEnumerable<IMachine> machines, IEnumerable<Network> networks, Conditions conditions)
    {
        ImmutableArray<IMachine> all = [.. machines];
        ImmutableArray<Network> run = [.. networks];
        return new Comparison(all, run,
            [.. all.Select(machine => (ImmutableArray<NetworkResult>)[
                .. run.Select(network => NetworkResult.Run(machine, network, conditions))])]);
    }

    /// <summary>Part of the time that EBSP saves against a machine on a network: 1 - cycles / cycles, 0..1.</summary>
    public double Gain(int machine, int network) => 1 - Ours[network].Seconds / Results[machine][network].Seconds;

    /// <summary>Mean of the gains over the networks.</summary>
    public double Gain(int machine) => Enumerable.Range(0, Networks.Length).Average(network => Gain(machine, network));

    /// <summary>Part of the energy that EBSP saves against a machine on a network.</summary>
    public double Saving(int machine, int network, CostSet costs) =>
        1 - Ours[network].Energy(costs).Total / Results[machine][network].Energy(costs).Total;

    /// <summary>Mean of the savings over the networks.</summary>
    public double Saving(int machine, CostSet costs) =>
        Enumerable.Range(0, Networks.Length).Average(network => Saving(machine, network, costs));
}

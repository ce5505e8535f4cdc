using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>Energy of something by part, pJ.</summary>
/// <param name="Dram">Off-chip memory.</param>
/// <param name="Buffer">On-chip buffer.</param>
/// <param name="Core">Processing elements with their own storage.</param>
/// <param name="Static">Leakage.</param>
public readonly record struct EnergyBreakdown(double Dram, double Buffer, double Core, double Static)
{
    /// <summary>The sum.</summary>
    public double Total => Dram + Buffer + Core + Static;

    /// <summary>Energy of a part.</summary>
    public double Of(EnergyPart part) => part switch
    {
        EnergyPart.Dram => Dram,
        EnergyPart.Buffer => Buffer,
        EnergyPart.Core => Core,
        _ => Static,
    };

    /// <summary>Both together.</summary>
    public static EnergyBreakdown operator +(EnergyBreakdown a, EnergyBreakdown b) =>
        new(a.Dram + b.Dram, a.Buffer + b.Buffer, a.Core + b.Core, a.Static + b.Static);
}

/// <summary>What a row of a result is about.</summary>
/// <param name="Name">Name of the layer.</param>
/// <param name="Macs">Its multiply-accumulates.</param>
public readonly record struct LayerLabel(string Name, long Macs);

/// <summary>A network on a machine.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Network">The network.</param>
/// <param name="Conditions">What all machines share.</param>
/// <param name="Layers">Its layers, in the network's order.</param>
public sealed record NetworkResult(IMachine Machine, Network Network, Conditions Conditions, ImmutableArray<LayerResult> Layers)
{
    /// <summary>Name and MACs of each of <see cref="Layers"/>: those of the network, but of a compiled program those of its
    /// parts.</summary>
    public ImmutableArray<LayerLabel> Labels { get; init; } = [.. Network.Layers.Select(layer => new LayerLabel(layer.Name, layer.Macs))];

    // Sensitivity prices the same counts many times.
    private readonly double[] _counts = [.. Machine.Actions.Select((_, i) => Layers.Sum(layer => layer.Counts[i]))];

    /// <summary>Cycles of a run.</summary>
    public double Cycles { get; } = Layers.Sum(layer => layer.Cycles);

    /// <summary>Seconds of a run.</summary>
    public double Seconds => Cycles / Conditions.ClockHz;

    /// <summary>Multiply-accumulates a cycle over the most that the machine can do, 0..1.</summary>
    public double Utilization => Network.Macs / Cycles / Machine.Spec.PeakMacs;

    /// <summary>Runs a network, layer after layer. A map stays in the buffer if it, with the other map of the layer that makes it and of
    /// every
    /// layer that reads it, fits three quarters of the buffer; the rest is for weights.</summary>
    /// <param name="machine">A machine.</param>
    /// <param name="network">A network.</param>
    /// <param name="conditions">What all machines share.</param>
    public static NetworkResult Run(IMachine machine, Network network, Conditions conditions)
    {
        ImmutableArray<LayerShape> layers = network.Layers;
        bool[] fits = [.. layers.Select(layer =>
            (layer.Inputs + layer.Outputs) * machine.Spec.ActivationBits / 8.0 <= 0.75 * conditions.BufferBytes)];
        bool[] stays = [.. fits];
        bool[] isRead = new bool[layers.Length];
        for (int i = 0; i < layers.Length; i++)
        {
            foreach (int source in layers[i].Sources.Where(source => source >= 0))
            {
                stays[source] &= fits[i];
                isRead[source] = true;
            }
        }

        return new NetworkResult(machine, network, conditions, [.. layers.Select((layer, i) => machine.Run(layer, conditions, new Placement(
            layer.Sources.All(source => source >= 0 && stays[source]), stays[i] && isRead[i])))]);
    }

    /// <summary>Energy of a run.</summary>
    /// <param name="costs">Constants.</param>
    public EnergyBreakdown Energy(CostSet costs) => Energy(_counts, Prices(costs));

    /// <summary>Energy of each layer.</summary>
    /// <param name="costs">Constants.</param>
    public ImmutableArray<EnergyBreakdown> EnergyOfLayers(CostSet costs)
    {
        double[] prices = Prices(costs);
        return [.. Layers.Select(layer => Energy(layer.Counts.AsSpan(), prices))];
    }

    /// <summary>Energy by action, in the machine's order, pJ.</summary>
    /// <param name="costs">Constants.</param>
    public ImmutableArray<double> EnergyOfActions(CostSet costs) => [.. Prices(costs).Zip(_counts, (price, count) => price * count)];

    private double[] Prices(CostSet costs) => [.. Machine.Actions.Select(action => action.Cost.Picojoules(costs))];

    private EnergyBreakdown Energy(ReadOnlySpan<double> counts, double[] prices)
    {
        double dram = 0, buffer = 0, core = 0, leakage = 0;
        for (int i = 0; i < prices.Length; i++)
        {
            double energy = counts[i] * prices[i];
            switch (Machine.Actions[i].Part)
            {
                case EnergyPart.Dram: dram += energy; break;
                case EnergyPart.Buffer: buffer += energy; break;
                case EnergyPart.Core: core += energy; break;
                default: leakage += energy; break;
            }
        }

        return new EnergyBreakdown(dram, buffer, core, leakage);
    }
}

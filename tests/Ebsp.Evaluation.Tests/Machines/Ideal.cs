using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;

namespace Mine;

/// <summary>1,024 int8 multipliers that are never idle: a bound, not a design.</summary>
public sealed class Ideal : IMachine
{
    public MachineSpec Spec { get; } = new("ideal", "ideal int8", "int8", 1024, 1024, 8, "int8", "a bound");

    public ImmutableArray<MachineAction> Actions { get; } =
    [
        new("DRAM bytes", EnergyPart.Dram, ActionCost.DramByte),
        new("MACs", EnergyPart.Core, ActionCost.Row("mac.int8")),
    ];

    public LayerResult Run(LayerShape layer, Conditions conditions, Placement placement)
    {
        if (!layer.HasWeights)
            return new LayerResult(0, 0, 0, 0, 0, 0, [0, 0]);
        double read = layer.Weights + (placement.InputInBuffer ? 0 : layer.Inputs), written = placement.OutputInBuffer ? 0 : layer.Outputs;
        double compute = layer.Macs / 1024.0, cycles = Math.Max(compute, (read + written) / conditions.DramBytesPerCycle);
        return new LayerResult(compute, cycles, read, written, 0, 0, [read + written, layer.Macs]);
    }
}

using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// A weight-stationary systolic array with double-buffered weights, a memory of partial sums and a vector unit behind it: EBSP in closed form,
/// and plain integer arrays as controls. Equations: docs/evaluation.md, from docs/timing.md.
/// </summary>
/// <param name="arch">Sizes of the machine.</param>
/// <param name="spec">What it is.</param>
/// <param name="mac">Row of a product.</param>
/// <param name="isSteered">Whether activations pass a leading-one detector at the array's edge.</param>
/// <param name="endBits">Bits of the first and the last layer.</param>
/// <param name="inputTerms">Terms of the network's input: the first layer has so many times its channels.</param>
internal sealed class WeightStationary(ArchSpec arch, MachineSpec spec, ActionCost mac, bool isSteered, int endBits, int inputTerms)
    : ComparedMachine(spec, arch.BufferBytes,
    new MachineAction("MACs", EnergyPart.Core, mac),
    new MachineAction("activation words steered", EnergyPart.Core, isSteered ? ActionCost.Row("steer") : ActionCost.Fixed(0, "none")),
    new MachineAction("bytes handed on", EnergyPart.Core, ActionCost.Row("register.pass.byte")),
    new MachineAction("psum memory bytes read", EnergyPart.Buffer, ActionCost.ReadByte(arch.PsumBankBytes, 256)),
    new MachineAction("psum memory bytes written", EnergyPart.Buffer, ActionCost.WriteByte(arch.PsumBankBytes, 256)),
    new MachineAction("psum memory leakage, ns", EnergyPart.Static, ActionCost.SramLeakage(arch.PsumBytes)))
{
    private const int SumBytes = 4;

    // More tiles than needed are tried: the last tile of a map may be smaller than the array likes.
    private const int TilesTried = 6;

    /// <summary>Its sizes.</summary>
    public ArchSpec Arch => arch;

    /// <inheritdoc/>
    protected override (int Weights, int Activations) BitsOf(LayerShape layer) =>
        layer.IsFirst || layer.IsLast ? (endBits, layer.IsFirst ? endBits : Spec.ActivationBits) : (Spec.ActivationBits, Spec.ActivationBits);

    /// <inheritdoc/>
    public override LayerResult Run(LayerShape layer, Conditions conditions, Placement placement)
    {
        if (!layer.HasWeights)
            return RunMap(layer, conditions, placement);
        (int weightBits, int activationBits) = BitsOf(layer);
        Traffic dram = Traffic.Of(WithTerms(layer), weightBits, activationBits, layer.IsLast ? 32 : Spec.ActivationBits, conditions.BufferBytes, placement);
        ArrayWork work = Work(layer, placement);
        // The vector unit works beside the array, behind it by a tile: its last tile counts.
        double transfer = dram.Bytes / conditions.DramBytesPerCycle;
        double cycles = Math.Max(work.Cycles, transfer) + Tail(layer);
        return Result(work, dram, cycles, conditions);
    }

    /// <inheritdoc/>
    protected override ArrayWork Work(LayerShape shape, Placement placement)
    {
        LayerShape layer = WithTerms(shape);
        ArrayPlan plan = ArrayPlan.Of(layer, arch, TilesTried);
        double outputs = layer.Outputs, taps = (double)layer.R * layer.S, inputs = (double)layer.C / layer.Groups;
        double words = layer.IsDepthwise ? (double)layer.N * layer.P * layer.Q * taps * layer.C
            : (double)layer.N * layer.P * layer.Q * taps * layer.C * plan.ChannelFolds;
        double weights = layer.Weights * BitsOf(shape).Weights / 8.0 * plan.PixelTiles;
        double sums = outputs * SumBytes, again = (plan.ReductionFolds - 1) * sums, macs = layer.Macs;
        return new ArrayWork(plan.Cycles, words + weights, outputs,
            // An activation byte and a sum of four bytes move by one element for each product.
            [macs, isSteered ? words : 0, macs * (1 + SumBytes), again + sums, again + sums, 0]);
    }

    /// <inheritdoc/>
    protected override double OwnNanoseconds(int action, double nanoseconds) => action == 5 ? nanoseconds : 0;

    private LayerShape WithTerms(LayerShape layer) => layer.IsFirst ? layer with { C = layer.C * inputTerms } : layer;

    // Requantization of the last tile, and reading its constants.
    private double Tail(LayerShape layer) => ArrayPlan.Of(WithTerms(layer), arch, TilesTried).LastTileElements / arch.Columns + arch.DramLatencyCycles;

    // Pools have a unit of their own; a sum or product of maps is a pass of the vector unit; sums behind a convolution are part of its requantization.
    private LayerResult RunMap(LayerShape layer, Conditions conditions, Placement placement)
    {
        double taps = layer.Kind is LayerKind.MaxPool or LayerKind.AveragePool ? (double)layer.R * layer.S : 0;
        double elements = layer.Outputs * taps, cycles = elements / arch.Columns;
        double tail = layer.Kind == LayerKind.AveragePool ? layer.Outputs / (double)arch.Columns : 0;
        Traffic dram = new(placement.InputInBuffer || taps == 0 ? 0 : layer.Inputs * Spec.ActivationBits / 8.0,
            placement.OutputInBuffer || taps == 0 ? 0 : layer.Outputs * Spec.ActivationBits / 8.0);
        ArrayWork work = new(cycles, elements, taps == 0 ? 0 : layer.Outputs, [.. new double[6]]);
        return Result(work, dram, Math.Max(cycles + tail, dram.Bytes / conditions.DramBytesPerCycle), conditions);
    }
}

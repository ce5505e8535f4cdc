using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// A weight-stationary systolic array with double-buffered weights, a memory of partial sums and a vector unit behind it: EBSP in closed
/// form,
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
    private const int SumBytes = 4, ScoreBits = 32;

    // The compiler loads the input in pieces of about this size.
    private const int InputPieceBytes = 16 * 1024;

    // A channel's bias, multiplier and offset.
    private const int ChannelBytes = 4 + 4 + 8;

    /// <summary>Terms of the network's input.</summary>
    public int InputTerms => inputTerms;

    /// <summary>Its sizes.</summary>
    public ArchSpec Arch => arch;

    /// <inheritdoc/>
    protected override (int Weights, int Activations) BitsOf(LayerShape layer) => (
        WeightBits(layer.IsFirst || layer.IsLast ? endBits : Spec.ActivationBits), layer.IsFirst ? endBits : Spec.ActivationBits);

    // Weights on the pattern are stored as codes: 31 values of 6-bit(3) in 5 bits.
    private int WeightBits(int bits) => isSteered
        ? WeightPacking.Bits(PatternFormat.Window(bits, Math.Min(arch.PatternLength, bits - 1), true), WeightCoding.Index) : bits;

    /// <inheritdoc/>
    public override LayerResult Run(LayerShape layer, Conditions conditions, Placement placement)
    {
        if (!layer.HasWeights)
            return RunMap(layer, conditions, placement);
        (int weightBits, int activationBits) = BitsOf(layer);
        LayerShape whole = WithTerms(layer);
        ArrayPlan plan = ArrayPlan.Of(whole, arch);
        Traffic dram = Traffic.Of(whole, weightBits, activationBits, layer.IsLast ? ScoreBits : Spec.ActivationBits,
            conditions.BufferBytes, placement);
        dram = dram with { ReadBytes = dram.ReadBytes + ChannelBytes * layer.K };
        ArrayWork work = Work(layer, placement);
        double rate = conditions.DramBytesPerCycle, latency = arch.DramLatencyCycles;
        // A load waits for the latency of DRAM, one weight tile after another.
        double transfer = dram.Bytes / rate + plan.ChannelTiles * latency, tail = plan.LastTileElements / arch.Columns + latency;
        double cycles = work.Cycles;
        if (layer.IsFirst)
        {
            // The array waits for its first weights and for the rows that its first tile reads; the first fold of the channels follows the
            // input, the others come after it.
            double input = whole.Inputs * activationBits / 8.0, weights = (double)layer.Weights * weightBits / 8 / plan.ChannelTiles;
            double Loaded(double bytes) => bytes / rate + Math.Floor(bytes / InputPieceBytes) * latency;
            double behind = 1 - (plan.PixelTiles - 1.0) / plan.PixelTiles / plan.ChannelTiles;
            cycles = 2 * latency + weights / rate + Math.Max(Loaded(input / plan.PixelTiles) + cycles, Loaded(input) + cycles * behind);
        }

        // The vector unit works beside the array, behind it by a tile; scores are stored when all are there.
        cycles = Math.Max(cycles + (layer.IsLast ? latency + dram.WrittenBytes / rate : 0), transfer) + tail;
        return Result(work, dram, cycles, conditions);
    }

    /// <inheritdoc/>
    protected override ArrayWork Work(LayerShape shape, Placement placement)
    {
        LayerShape layer = WithTerms(shape);
        ArrayPlan plan = ArrayPlan.Of(layer, arch);
        double outputs = layer.Outputs, words = plan.Activations;
        double weights = layer.Weights * BitsOf(shape).Weights / 8.0 * plan.PixelTiles * plan.Copies;
        double sums = outputs * SumBytes, again = (plan.ReductionFolds - 1) * sums, macs = layer.Macs;
        return new ArrayWork(plan.Cycles, words + weights, outputs,
            // An activation byte and a sum of four bytes move by one element for each product.
            [macs, isSteered ? words : 0, macs * (1 + SumBytes), again + sums, again + sums, 0]);
    }

    /// <inheritdoc/>
    protected override double OwnNanoseconds(int action, double nanoseconds) => action == 5 ? nanoseconds : 0;

    private LayerShape WithTerms(LayerShape layer) => layer.IsFirst ? layer with { C = layer.C * inputTerms } : layer;

    // Pools have a unit of their own; a sum or product of maps is a pass of the vector unit; sums behind a convolution are part of its
    // requantization.
    private LayerResult RunMap(LayerShape layer, Conditions conditions, Placement placement)
    {
        double taps = layer.Kind is LayerKind.MaxPool or LayerKind.AveragePool ? (double)layer.R * layer.S : 0;
        // A maximum is taken beside the convolution in front of it, tile by tile: its last tile counts.
        double elements = layer.Outputs * taps, cycles = elements / arch.Columns;
        double behind = layer.Kind == LayerKind.MaxPool ? Whole.Ceil(layer.K, arch.FoldChannels) * (double)layer.N : 1;
        double tail = layer.Kind == LayerKind.AveragePool ? layer.Outputs / (double)arch.Columns : 0;
        Traffic dram = new(placement.InputInBuffer || taps == 0 ? 0 : layer.Inputs * Spec.ActivationBits / 8.0,
            placement.OutputInBuffer || taps == 0 ? 0 : layer.Outputs * Spec.ActivationBits / 8.0);
        ArrayWork work = new(cycles, elements, taps == 0 ? 0 : layer.Outputs, [.. new double[6]]);
        return Result(work, dram, Math.Max(cycles / behind + tail, dram.Bytes / conditions.DramBytesPerCycle), conditions);
    }
}

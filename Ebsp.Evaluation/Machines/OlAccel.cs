using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// OLAccel (E. Park et al., ISCA 2018): 97 % of weights and activations at 4 bits on groups of 16 multipliers with a seventeenth for
/// outlier
/// weights, 3 % outliers. A chunk of 16 weights with more than one outlier takes a cycle more for each. Skipping of zeros is off: none of
/// the
/// other machines skips.
/// </summary>
/// <param name="groups">Groups that work on dense values.</param>
/// <param name="denseLanes">Multipliers of a group that take dense products, 16 or all 17.</param>
/// <param name="spec">What it is.</param>
/// <param name="bufferBytes">On-chip buffer.</param>
internal sealed class OlAccel(int groups, int denseLanes, MachineSpec spec, long bufferBytes) : ComparedMachine(spec, bufferBytes,
    new MachineAction("4-bit MACs", EnergyPart.Core, ActionCost.Row("mac.olaccel")),
    new MachineAction("outlier MACs", EnergyPart.Core, ActionCost.Row("mac.olaccel.outlier")),
    new MachineAction("register bytes", EnergyPart.Core, ActionCost.Row("register.byte")))
{
    // 21 x 7 x 17 = 2499: clusters of six normal groups and one for outlier activations.
    private const int Lanes = 17, Chunk = 16, GroupsOfACluster = 7;

    // Outliers of weights and of activations (ISCA 2018: about 3 %).
    private const double Outliers = 0.03;

    // First and last layer at 8 bits: 4-bit products for each pair of halves.
    private const int EndBits = 8, EndProducts = 4;

    /// <summary>Every element takes a dense product a cycle, as the talk's count of elements has it.</summary>
    public static OlAccel Counted(int elements, long bufferBytes)
    {
        int groups = elements / Lanes;
        return new OlAccel(groups, Lanes, Describe("olaccel", "OLAccel", groups, groups * Lanes), bufferBytes);
    }

    /// <summary>The organization of the paper: 16 dense lanes a group, one group in seven for outlier activations.</summary>
    public static OlAccel Groups(int elements, long bufferBytes)
    {
        int groups = elements / Lanes, dense = groups - groups / GroupsOfACluster;
        return new OlAccel(dense, Chunk, Describe("olaccel-groups", "OLAccel, groups", groups, dense * Chunk), bufferBytes);
    }

    private static MachineSpec Describe(string name, string title, int groups, int peak) =>
        new(name, title, "int4 and int16", groups * Lanes, peak, 4,
        "olaccel", "E. Park et al., ISCA 2018; 2499 elements: EBSP, DAC 2022");

    /// <summary>Cycles of a chunk: one, and one for every outlier but the first (binomial).</summary>
    public static double CyclesOfAChunk { get; } = 1 + Chunk * Outliers - 1 + Math.Pow(1 - Outliers, Chunk);

    /// <inheritdoc/>
    protected override (int Weights, int Activations) BitsOf(LayerShape layer) =>
        layer.IsFirst || layer.IsLast ? (EndBits, EndBits) : (5, 4);

    /// <inheritdoc/>
    protected override ArrayWork Work(LayerShape layer, Placement placement)
    {
        long outputs = layer.K / layer.Groups;
        double products = layer.IsFirst || layer.IsLast ? EndProducts : 1;
        // One activation is broadcast to the lanes of a group, an output channel each; groups share the activations.
        double broadcasts = (double)layer.N * layer.Groups * layer.P * layer.Q * layer.R * layer.S * (layer.C / layer.Groups)
            * Whole.Ceil(outputs, denseLanes);
        double cycles = Math.Ceiling(broadcasts * products / groups) * CyclesOfAChunk, macs = layer.Macs * products;
        (int weightBits, int activationBits) = BitsOf(layer);
        double activations = broadcasts * activationBits / 8.0, weights = layer.Weights * weightBits / 8.0 * layer.N;
        return new ArrayWork(cycles, activations + weights, layer.Outputs * activationBits / 8.0,
            [macs * (1 - 2 * Outliers), macs * 2 * Outliers, 2 * macs]);
    }
}

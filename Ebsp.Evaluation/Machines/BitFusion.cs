using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// BitFusion (H. Sharma et al., ISCA 2018): a systolic array of fusion units, each one product at its largest bits or several at fewer. The
/// timing rule is that of the published simulator.
/// </summary>
/// <param name="rows">Fusion units N along the reduction.</param>
/// <param name="columns">Fusion units M along the output channels.</param>
/// <param name="spec">What it is.</param>
/// <param name="bufferBytes">On-chip buffer.</param>
/// <param name="bits">Bits of weights and activations.</param>
internal sealed class BitFusion(int rows, int columns, MachineSpec spec, long bufferBytes, int bits) : ComparedMachine(spec, bufferBytes,
    new MachineAction("MACs", EnergyPart.Core, ActionCost.Row(bits > 4 ? "mac.bitfusion.8" : "mac.bitfusion.4")),
    new MachineAction("bytes handed on", EnergyPart.Core, ActionCost.Row("register.pass.byte")))
{
    // Bits of a fusion unit, and least bits of an operand.
    private const int LargestBits = 8, LeastBits = 2;

    // Four 4-bit elements make one 8-bit product (design of the comparison).
    private const int ElementsOfAUnit = 4;

    private const int SumBytes = 4;

    /// <summary>The machine of the comparison: 4-bit elements run at 8 bits, so four of them make a unit.</summary>
    public static BitFusion Compared(int elements, long bufferBytes)
    {
        // 792 units as 33 x 24: the element array of 66 x 48, two by two.
        (int rows, int columns) = elements == 3168 ? (33, 24) : Whole.Array(elements / ElementsOfAUnit);
        return new BitFusion(rows, columns,
            new MachineSpec("bitfusion", "BitFusion", "int8 on 4-bit elements", rows * columns * ElementsOfAUnit,
            rows * columns, 8, "bitfusion.4", "H. Sharma et al., ISCA 2018; 3168 elements: EBSP, DAC 2022"), bufferBytes, 8);
    }

    /// <summary>Products of a fusion unit a cycle.</summary>
    /// <param name="inputBits">Bits of an activation.</param>
    /// <param name="weightBits">Bits of a weight.</param>
    public static long Fusion(int inputBits, int weightBits) =>
        LargestBits / Math.Max(inputBits, LeastBits) * (long)(LargestBits / Math.Max(weightBits, LeastBits));

    /// <summary>Compute cycles by the published rule.</summary>
    /// <param name="layer">A layer with weights. The first one is lowered to a matrix product; a fully connected one is a 1x1
    /// convolution.</param>
    /// <param name="inputBits">Bits of an activation.</param>
    /// <param name="weightBits">Bits of a weight.</param>
    public long ComputeCycles(LayerShape layer, int inputBits, int weightBits)
    {
        long depth = rows * Fusion(inputBits, weightBits), channels = layer.C / layer.Groups, outputs = layer.K / layer.Groups;
        bool isFull = layer.P == 1 && layer.Q == 1 && layer.R == layer.H && layer.S == layer.W;
        long taps = (long)layer.R * layer.S, pixels = (long)layer.N * layer.P * layer.Q * layer.Groups * Whole.Ceil(outputs, columns);
        return layer.IsFirst || isFull
            ? pixels * Whole.Ceil(taps * channels, depth)
            : pixels * taps * Whole.Ceil(channels, depth);
    }

    /// <inheritdoc/>
    protected override ArrayWork Work(LayerShape layer, Placement placement)
    {
        double folds = Whole.Ceil(layer.K / layer.Groups, columns), macs = layer.Macs, bytes = bits / 8.0;
        double activations = macs / (layer.K / layer.Groups) * folds * bytes;
        // Weights stay while the pixels of a tile pass; sums of a column stay in its accumulator until the reduction is done.
        double weights = layer.Weights * bytes * layer.N;
        return new ArrayWork(ComputeCycles(layer, bits, bits), activations + weights, layer.Outputs * bytes,
            [macs, macs * (bytes + SumBytes)]);
    }
}

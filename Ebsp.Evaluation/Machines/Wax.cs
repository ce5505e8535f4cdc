using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// WAX (S. Gudaparthi et al., MICRO 2019), WAXFlow-3: tiles of a few KB of SRAM with rows of 24 bytes beside 24 multipliers and three
/// registers. A row is cut into partitions; a partition holds a row of a kernel, so 3x3 kernels use 3 of 4 lanes. The talk's "102 PEs"
/// cannot
/// be single multipliers (its speed-up says 12.9 products a cycle each), so there are two presets.
/// </summary>
/// <param name="tiles">Units that work side by side.</param>
/// <param name="lanes">Multipliers of a unit: 24, or 1 as printed.</param>
/// <param name="spec">What it is.</param>
/// <param name="bufferBytes">On-chip buffer.</param>
internal sealed class Wax(int tiles, int lanes, MachineSpec spec, long bufferBytes) : ComparedMachine(spec, bufferBytes,
    new MachineAction("MACs", EnergyPart.Core, ActionCost.Row("mac.int8")),
    new MachineAction("register bytes", EnergyPart.Core, ActionCost.Row("wax.register.byte")),
    new MachineAction("subarray bytes read", EnergyPart.Core, ActionCost.ReadByte(SubarrayBytes, 256)),
    new MachineAction("subarray bytes written", EnergyPart.Core, ActionCost.WriteByte(SubarrayBytes, 256)))
{
    private const int SubarrayBytes = 6144, RowBytes = 24;

    // Widths of a partition: the divisors of a row of 24 that are no multiple of 3, and the two longest.
    private static readonly int[] Partitions = [1, 2, 4, 8, 12, 24];

    /// <summary>As the talk's table prints it: 102 elements of one product a cycle.</summary>
    public static Wax Printed(int elements, long bufferBytes) =>
        new(elements, 1, new MachineSpec("wax-printed", "WAX, 102 multipliers", "int8",
        elements, elements, 8, "int8", "EBSP, DAC 2022: 102 PEs taken as one multiplier each"), bufferBytes);

    /// <summary>102 tiles of 24 lanes.</summary>
    public static Wax Tiles(int elements, long bufferBytes) =>
        new(elements, RowBytes, new MachineSpec("wax-tiles", "WAX, 102 tiles", "int8",
        elements, elements * RowBytes, 8, "wax.tile", "S. Gudaparthi et al., MICRO 2019; 102 of its tiles"), bufferBytes);

    /// <summary>Part of the lanes that a kernel of S columns uses.</summary>
    public double LaneUse(int kernelColumns)
    {
        if (lanes == 1)
            return 1;
        int partition = Array.Find(Partitions, width => width >= kernelColumns);
        return partition == 0 ? (double)kernelColumns / (Whole.Ceil(kernelColumns, RowBytes) * RowBytes) : (double)kernelColumns
            / partition;
    }

    /// <inheritdoc/>
    protected override ArrayWork Work(LayerShape layer, Placement placement)
    {
        bool isFull = layer.P == 1 && layer.Q == 1 && layer.R == layer.H && layer.S == layer.W;
        int kernelColumns = isFull ? 1 : layer.S;
        // A tile takes an output row of a kernel; fully connected: a kernel. Tiles take what is left, the last round partly.
        double units = (double)layer.N * layer.K * layer.P, rounds = Math.Ceiling(units / tiles);
        double cycles = Math.Ceiling(layer.Macs / units / (lanes * LaneUse(kernelColumns))) * rounds;
        double macs = layer.Macs, rows = macs / (lanes == 1 ? 1 : RowBytes * LaneUse(kernelColumns));
        // A pair of rows serves 32 cycles (a slice); partial sums of a row go to the subarray once a slice (WAXFlow-3).
        double slice = lanes == 1 ? 1 : 32, subarray = rows / slice * RowBytes;
        double input = layer.Inputs * (double)Math.Min(tiles, layer.K), weights = layer.Weights * Math.Ceiling(layer.P / (double)tiles);
        return new ArrayWork(cycles, Math.Min(input, macs) + weights, layer.Outputs, [macs, 3 * macs, 3 * subarray, subarray]);
    }
}

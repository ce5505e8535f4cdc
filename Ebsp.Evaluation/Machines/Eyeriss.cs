using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// Eyeriss: row stationary (Y.-H. Chen et al., ISCA 2016 and JSSC 2017). A logical set of R x e elements computes e rows of one 2-D
/// convolution, a row of the kernel in each element; sets are put side by side over the array, and a fold of the output rows is repeated
/// until
/// all are done. Each element takes one product a cycle. Equations: docs/evaluation.md.
/// </summary>
/// <param name="rows">Rows of the array.</param>
/// <param name="columns">Columns of the array.</param>
/// <param name="spec">What it is.</param>
/// <param name="bufferBytes">Global buffer.</param>
internal sealed class Eyeriss(int rows, int columns, MachineSpec spec, long bufferBytes) : ComparedMachine(spec, bufferBytes,
    new MachineAction("MACs", EnergyPart.Core, ActionCost.Row("mac.int16")),
    new MachineAction("filter spad bytes read", EnergyPart.Core, ActionCost.ReadByte(FilterWords * 2, 16)),
    new MachineAction("filter spad bytes written", EnergyPart.Core, ActionCost.WriteByte(FilterWords * 2, 16)),
    new MachineAction("ifmap and psum register bytes", EnergyPart.Core, ActionCost.Row("register.byte")),
    new MachineAction("words handed to a neighbor", EnergyPart.Core, ActionCost.Row("hop.word")))
{
    // Words of 16 bits in an element (JSSC 2017).
    private const int FilterWords = 224, IfmapWords = 12, PsumWords = 24;

    private const int Bytes = 2;

    /// <summary>The machine of the comparison: 224 elements at 16 bits.</summary>
    public static Eyeriss Compared(int elements, long bufferBytes)
    {
        // 224 = 14 x 16 is near-square; other counts of the area column as well.
        (int rows, int columns) = Whole.Array(elements);
        return new Eyeriss(rows, columns, new MachineSpec("eyeriss", "Eyeriss", "int16", rows * columns, rows * columns, 16, "int16",
            "Y.-H. Chen et al., ISCA 2016 and JSSC 2017; 224 elements: EBSP, DAC 2022"), bufferBytes);
    }

    /// <summary>How a layer lies on the array.</summary>
    /// <param name="layer">A layer with weights; a kernel as large as the map is a 1x1 convolution over its elements.</param>
    public RowStationaryMapping Map(LayerShape layer) => RowStationaryMapping.Of(layer, rows, columns, FilterWords, IfmapWords, PsumWords);

    /// <inheritdoc/>
    protected override ArrayWork Work(LayerShape layer, Placement placement)
    {
        RowStationaryMapping map = Map(layer);
        double macs = layer.Macs;
        // An element adds up the taps of its row and of its channels, then R elements add their sums up.
        double neighbor = macs / (map.S * map.Together) * (map.R - 1) / map.R;
        return new ArrayWork(map.Cycles, (map.IfmapWords + map.PsumWords + map.FilterWords) * Bytes,
            (map.PsumWords + layer.Outputs) * Bytes,
            // Register traffic of a MAC: the ifmap word read, the psum read and written.
            [macs, macs * Bytes, map.FilterFills * Bytes, 3 * macs * Bytes, neighbor]);
    }
}

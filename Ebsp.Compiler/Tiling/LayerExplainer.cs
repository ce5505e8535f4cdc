using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;

namespace Ebsp.Compiler.Tiling;

/// <summary>Explains the layers of a plan: the same search again, this time with what it did not choose.</summary>
/// <param name="graph">The integer graph, after the passes.</param>
/// <param name="arch">The machine.</param>
/// <param name="batch">Images of a run.</param>
/// <param name="plan">Its plan.</param>
/// <param name="search">The search that made the plan.</param>
public sealed class LayerExplainer(Graph graph, ArchSpec arch, int batch, MemoryPlan plan, TilingSearch search)
{
    /// <summary>The layers' names in the order in which they run.</summary>
    public ImmutableArray<string> Layers { get; } = [.. plan.Layers.Select(layer => layer.Name)];

    /// <summary>Explains a layer.</summary>
    /// <param name="index">Its index in <see cref="Layers"/>.</param>
    public LayerExplanation Explain(int index)
    {
        Layer layer = plan.Layers[index];
        TileCandidate chosen = plan.Tiles[index];
        LayerCost cost = search.CostOf(layer);
        TileCandidate? runnerUp = search.Candidates(layer, plan.IsSpilled, Math.Max(chosen.StageBytes, arch.BufferBytes - plan.WeightBytes))
            .Where(candidate => candidate.Shape != chosen.Shape).MinBy(search.Rank);
        double compute = Math.Max(chosen.Cycles.Array, Math.Max(chosen.Cycles.Pool, chosen.Cycles.Vector));
        double weights = Transfer(layer is ArrayLayer { Conv: { } conv }
            ? (long)conv.Weights.Length * WeightTileSize.CodeBits(conv.WeightFormat) / 8
            : 0);
        ImmutableArray<TensorPlace> tensors = [.. Places(layer)];
        double activations = Transfer(tensors.Where(tensor => plan.IsSpilled(tensor.Name)).Sum(tensor => tensor.Bytes));
        LayerBound bound = compute >= Math.Max(weights, activations)
            ? LayerBound.Compute
            : weights >= activations ? LayerBound.Weights : LayerBound.Activations;
        int terms = layer.Source.Tensor == graph.InputName ? graph.InputEncoding!.Terms : 1;
        long macs = layer is ArrayLayer ? (long)batch * cost.Output.Elements * cost.Reduction : 0;
        return new LayerExplanation(layer.Name, Describe(layer, cost), terms, macs, compute, weights, activations, bound,
            layer is ArrayLayer ? Shares(cost, chosen, macs) : null, chosen, runnerUp, WhyNot(chosen, runnerUp), tensors,
            layer is ArrayLayer ? cost.MappingOf(chosen.Shape) : null,
            layer is ArrayLayer mapped ? cost.Drawing(mapped, chosen.Shape) : []);
    }

    private double Transfer(long bytes) => (double)bytes * arch.ClockHz / arch.DramBytesPerSecond;

    // The passes of the array with all pixels, and what of each pass holds no weight.
    private ArrayShares Shares(LayerCost cost, TileCandidate chosen, long macs)
    {
        double places = chosen.Cycles.Array * arch.ProcessingElements;
        double streaming = cost.StreamedSteps(chosen.Shape) * arch.ProcessingElements;
        double inColumns = cost.ColumnSteps(chosen.Shape) * arch.Rows;
        return new ArrayShares(macs / places, (inColumns - macs) / places, (streaming - inColumns) / places, (places - streaming) / places);
    }

    private static string Describe(Layer layer, LayerCost cost)
    {
        FormattableString text = layer switch
        {
            ArrayLayer { Conv: { } conv } when cost.IsDepthwise =>
                $"depthwise convolution {Kernel(conv.Geometry)} of {layer.Source.Channels} channels",
            ArrayLayer { Conv: { } conv } =>
                $"convolution {Kernel(conv.Geometry)}, {layer.Source.Channels} to {conv.OutputChannels} channels{
                    (conv.Groups > 1 ? string.Create(CultureInfo.InvariantCulture, $" in {conv.Groups} groups") : "")}",
            SumPoolLayer { Pool: { } pool } => $"average pool {Kernel(pool.Geometry)}",
            _ => $"{layer.Node.Op.GetType().Name}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{text.ToString(CultureInfo.InvariantCulture)}, output {cost.Output}");
    }

    private static string Kernel(KernelWindow g) =>
        string.Create(CultureInfo.InvariantCulture, $"{g.KernelRows}x{g.KernelColumns}/{g.StrideY}");

    private string WhyNot(TileCandidate chosen, TileCandidate? other)
    {
        if (other is null)
            return "no other tile fits";
        if (other.IsSmall && !chosen.IsSmall)
            return "its tiles are smaller than the machine likes: fewer pixels than rows, or fewer than 256 Ki MACs";
        if (search.Goal == OptimizeFor.Size)
            return "it has more tiles, or as many and no fewer cycles";
        double lost = other.Cycles.Total - chosen.Cycles.Total;
        if (lost <= 0)
            return string.Create(CultureInfo.InvariantCulture,
                $"its {other.Tiles} tiles against {chosen.Tiles} save too little, or it needs more of the buffer: {other.StageBytes} " +
                $"bytes of staging against {chosen.StageBytes}");
        (string Unit, double Lost)[] units =
        [
            ("on the array", other.Cycles.Array - chosen.Cycles.Array), ("at the end of the layer", other.Cycles.Tail - chosen.Cycles.Tail),
                ("on the vector unit", other.Cycles.Vector - chosen.Cycles.Vector),
            ("on weights", other.Cycles.Weights - chosen.Cycles.Weights),
                ("on staged maps", other.Cycles.Activations - chosen.Cycles.Activations),
                ("before it can start", other.Cycles.Head - chosen.Cycles.Head),
            ("on the first tile", other.Cycles.First - chosen.Cycles.First),
        ];
        (string unit, double most) = units.MaxBy(each => each.Lost);
        return string.Create(CultureInfo.InvariantCulture, $"it takes {lost:F0} cycles more; most are lost {unit}: {most:F0}");
    }

    private IEnumerable<TensorPlace> Places(Layer layer)
    {
        List<(string Name, string Use)> tensors = [(layer.Source.Tensor, "input")];
        tensors.AddRange(layer.Writes.Where(write => write.Add is not null).Select(write => (write.Add!.Tensor, "added")));
        tensors.AddRange(layer.Stores.Select(stored => (stored, "output")));
        foreach ((string name, string use) in tensors.Distinct())
        {
            Placement placement = plan.Placements[name];
            TensorType type = graph.TypeOf(name);
            long bytes = placement.IsResident
                ? Placement.BufferBytes(type.Shape, placement.Format, batch)
                : Placement.DramBytes(type.Shape, placement.Format, batch);
            string part = placement.FirstChannel > 0 || placement.Shape.Channels != type.Shape.Channels
                ? string.Create(CultureInfo.InvariantCulture, $", channels from {placement.FirstChannel} on of {placement.Shape.Channels}")
                    : "";
            yield return new TensorPlace(name, use, placement.Format.ToString(), string.Create(CultureInfo.InvariantCulture,
                $"{(placement.IsResident ? "resident in the buffer" : $"spilled to {placement.Region.ToString().ToLowerInvariant()}")} " +
                    $"at {placement.Address}{part}"), bytes);
        }
    }
}

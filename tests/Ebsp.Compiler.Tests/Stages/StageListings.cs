using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ebsp.Compiler.CodeGen;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Compiler.Tests.Stages;

/// <summary>Each stage of the compiler as a function from text to text.</summary>
internal static class StageListings
{
    /// <summary>What a stage is given: the text, and the machine and batch that the file's head may name.</summary>
    public sealed record Given(string Text, ArchSpec Arch, int Batch);

    /// <summary>The stages by name.</summary>
    public static IReadOnlyDictionary<string, Func<Given, string>> All { get; } = new Dictionary<string, Func<Given, string>>(
        FloatPasses.All.Concat(Pipeline.Passes).DistinctBy(pass => pass.Name).Select(pass =>
            KeyValuePair.Create<string, Func<Given, string>>(pass.Name,
                given => GraphPrinter.Print(GraphRewriting.Verified(pass.Name, pass.Run(GraphParser.Parse(given.Text)))))))
    {
        ["parse"] = given => GraphPrinter.Print(GraphParser.Parse(given.Text)),
        ["machine-check"] = given => Lines(MachineCheck.Check(GraphParser.Parse(given.Text), given.Arch.PatternLength)),
        ["prove-ranges"] = given => Lines(ProveRanges.Check(GraphParser.Parse(given.Text))),
        ["fuse-layers"] = FusedLayers,
        ["layer-cost"] = Costs,
        ["tiling-search"] = Candidates,
        ["memory-plan"] = given => PlanListing.Write(Plan(given).Plan),
        ["buffer-allocator"] = Allocated,
        ["weight-ring"] = Ring,
        ["synchronizer"] = Synchronized,
        ["code"] = Code,
    };

    private static string FusedLayers(Given given)
    {
        StringBuilder text = new();
        foreach (Layer layer in FuseLayers.Run(GraphParser.Parse(given.Text)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{layer.GetType().Name} {layer.Name} reads {Text(layer.Source)}\n");
            foreach (VectorWrite write in layer.Writes)
                text.Append(CultureInfo.InvariantCulture,
                    $"  writes {write.Output}{(write.Add is { } add ? $", adds {Text(add)}" : "")}\n");
            if (layer is MapLayer map)
                text.Append(CultureInfo.InvariantCulture, $"  writes {map.Output}\n");
        }

        return text.ToString();
    }

    // Each layer as one tile with all tensors resident, then with all spilled.
    private static string Costs(Given given)
    {
        Graph graph = GraphParser.Parse(given.Text);
        StringBuilder text = new();
        foreach (Layer layer in FuseLayers.Run(graph))
        {
            LayerCost cost = new(graph, given.Arch, given.Batch, layer);
            TileShape whole = new(given.Batch, cost.Output.Height, cost.Output.Width, cost.Output.Channels,
                layer is ArrayLayer ? cost.GroupInputs : 0);
            text.Append(CultureInfo.InvariantCulture,
                $"{layer.Name}: output {cost.Output}, reduction {cost.Reduction}{(cost.IsDepthwise ? ", depthwise" : "")}, weights {
                    cost.WeightTileBytes(whole.Channels, cost.GroupInputs)} bytes\n");
            foreach (bool spilled in new[] { false, true })
            {
                LayerCycles cycles = cost.Cycles(whole, _ => spilled);
                text.Append(CultureInfo.InvariantCulture,
                    $"  {(spilled ? "spilled" : "resident")}: stages {string.Join(" ", cost.StageSizes(whole, _ => spilled))}; array {
                        cycles.Array:F0}, pool {cycles.Pool:F0}, vector {cycles.Vector:F0}, weights {cycles.Weights:F0}, activations {
                        cycles.Activations:F0}, total {cycles.Total:F0}\n");
            }
        }

        return text.ToString();
    }

    // The best four cuts of each layer that fit a quarter of the buffer.
    private static string Candidates(Given given)
    {
        Graph graph = GraphParser.Parse(given.Text);
        TilingSearch search = new(graph, given.Arch, given.Batch);
        StringBuilder text = new();
        foreach (Layer layer in FuseLayers.Run(graph))
        {
            ImmutableArray<TileCandidate> found = search.Candidates(layer, _ => true, given.Arch.BufferBytes / 4);
            text.Append(CultureInfo.InvariantCulture, $"{layer.Name}: {found.Length} fit\n");
            foreach (TileCandidate each in found.OrderBy(search.Rank).Take(4))
                text.Append(CultureInfo.InvariantCulture,
                    $"  {each.Tiles} tiles of {each.Shape.Images} x {each.Shape.Rows} x {each.Shape.Columns} x {each.Shape.Channels}, {
                        each.Shape.Inputs} inputs{(each.Shape.PixelsFirst ? ", pixels first" : "")}{(each.IsSmall ? ", small" : "")}: {
                        each.Cycles.Total:F0} cycles, {each.StageBytes} bytes\n");
        }

        return text.ToString();
    }

    // capacity N, then a line a tensor: name bytes first..last.
    private static string Allocated(Given given)
    {
        string[] lines = given.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        LiveRange[] ranges = [.. lines.Skip(1).Select(line => line.Split(' ', '.')).Select(parts =>
            new LiveRange(parts[0], Number(parts[1]), (int)Number(parts[2]), (int)Number(parts[4])))];
        Dictionary<string, long>? places = BufferAllocator.Run(ranges, Number(lines[0].Split(' ')[1]), out long used);
        return places is null ? "does not fit\n"
            : string.Concat(ranges.Select(range => $"{range.Name} at {places[range.Name]}..{places[range.Name] + range.Bytes}\n"))
                + $"used {used}\n";
    }

    // bytes N, then a line a step: begin BYTES, or use NAME BYTES.
    private static string Ring(Given given)
    {
        string[] lines = given.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        WeightRing ring = new(Number(lines[0].Split(' ')[1]));
        Dictionary<string, WeightTile> tiles = [];
        StringBuilder text = new();
        foreach (string[] step in lines.Skip(1).Select(line => line.Split(' ')))
        {
            if (step[0] == "begin")
            {
                ring.Begin(Number(step[1]));
                continue;
            }

            if (!tiles.TryGetValue(step[1], out WeightTile? tile))
                tiles[step[1]] = tile = new WeightTile(step[1], 0, 8, 0, 8, 0, 0, Number(step[2]));
            bool held = ring.Holds(tile, out long address);
            text.Append(CultureInfo.InvariantCulture, $"{step[1]} {(held ? "is still" : "is loaded")} at {address}\n");
        }

        return text.ToString();
    }

    private static string Synchronized(Given given) => CodeListing.Write(
        Synchronizer.Run([.. Assembler.Assemble(given.Text).Select(instruction => new Emission(instruction, -1, null))]), []);

    private static string Code(Given given)
    {
        (Graph graph, ImmutableArray<Layer> layers, TilingSearch search, MemoryPlan plan) = Plan(given);
        return CodeListing.Write(Synchronizer.Run(CodeGenerator.Run(graph, given.Arch, plan, given.Batch, search).Code), layers);
    }

    private static (Graph Graph, ImmutableArray<Layer> Layers, TilingSearch Search, MemoryPlan Plan) Plan(Given given)
    {
        Graph graph = GraphParser.Parse(given.Text);
        ImmutableArray<Layer> layers = FuseLayers.Run(graph);
        TilingSearch search = new(graph, given.Arch, given.Batch);
        return (graph, layers, search, MemoryPlan.Make(graph, layers, given.Arch, given.Batch, search));
    }

    private static string Text(View view)
    {
        string zeros = view.AllChannels > view.Channels ? $", zeros {view.ZeroChannelsBefore}+{view.ZeroChannelsAfter}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{view.Tensor}[c {view.FirstChannel}+{view.Channels}, y {view.FirstRow}+{view.Rows}*{view.RowStep}, x {
                view.FirstColumn}+{view.Columns}*{view.ColumnStep}{zeros}]");
    }

    private static string Lines<T>(IReadOnlyList<T> found) =>
        found.Count == 0 ? "nothing found\n" : string.Concat(found.Select(each => $"{each}\n"));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

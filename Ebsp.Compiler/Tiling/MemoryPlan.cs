using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// Where everything lives: a ring of weight tiles at the start of the buffer, a line that prefetched constants are tried out on, a staging
/// area for windows of spilled tensors, then resident tensors; spilled ones in the arena, the network's ends in the input and
/// output regions.
/// </summary>
/// <param name="Layers">The layers.</param>
/// <param name="Tiles">How each layer is cut.</param>
/// <param name="Placements">Where each stored tensor lives, the parts of concatenations included.</param>
/// <param name="InputHome">The network's input in DRAM.</param>
/// <param name="OutputHomes">The network's outputs in DRAM, by tensor.</param>
/// <param name="WeightBytes">Size of the ring of weight tiles: at least twice the largest, and those of a whole layer where they take a
/// quarter of the buffer.</param>
/// <param name="ScratchAddress">First byte of the line for prefetched constants.</param>
/// <param name="StageAddress">First byte of the staging area.</param>
/// <param name="ArenaBytes">Size of the arena region.</param>
/// <param name="BufferBytes">Highest byte of the buffer that is used.</param>
public sealed record MemoryPlan(
    ImmutableArray<Layer> Layers, ImmutableArray<TileCandidate> Tiles, IReadOnlyDictionary<string, Placement> Placements,
    Placement InputHome, IReadOnlyDictionary<string, Placement> OutputHomes, long WeightBytes, long ScratchAddress, long StageAddress,
    long ArenaBytes, long BufferBytes)
{
    /// <summary>Whether a stored tensor lives in DRAM.</summary>
    public bool IsSpilled(string tensor) => !Placements[tensor].IsResident;

    /// <summary>Plans a graph: everything resident if it fits, else the largest tensors go to DRAM one by one.</summary>
    /// <exception cref="EbspException">EBSP3001: not even single pixels fit.</exception>
    public static MemoryPlan Make(Graph graph, ImmutableArray<Layer> layers, ArchSpec arch, int batch, TilingSearch search)
    {
        Concatenations concatenations = Concatenations.Of(graph);
        long ring = layers.Max(search.RingBytes);
        long scratch = Align(
            layers.OfType<ArrayLayer>().Select(layer => TensorOperand.PixelBytes(search.TileChannels(layer), PatternFormat.Int32)).Append(0)
            .Max());
        long capacity = arch.BufferBytes - ring - scratch;
        Dictionary<string, (int First, int Last)> live = LiveRanges(graph, layers, concatenations);
        HashSet<string> spilled = [];
        TileCandidate?[] tiles = new TileCandidate?[layers.Length];
        while (true)
        {
            long stage = 0;
            for (int i = 0; i < layers.Length; i++)
            {
                tiles[i] ??= Cut(layers[i]);
                stage = Math.Max(stage, tiles[i]!.StageBytes);
            }

            IEnumerable<LiveRange> resident = live.Where(t => !spilled.Contains(t.Key)).Select(t => Range(t.Key, false));
            if (BufferAllocator.Run(resident, capacity - stage, out long used) is { } offsets)
            {
                IEnumerable<string> arena = spilled.Where(name => name != graph.InputName && !graph.IsOutput(name));
                Dictionary<string, long> arenaOffsets =
                    BufferAllocator.Run(arena.Select(name => Range(name, true)), long.MaxValue, out long arenaBytes)!;
                // What nothing else needs holds weights that are loaded ahead.
                if (search.Goal == OptimizeFor.Cycles)
                    ring += (capacity - stage - used) / BufferAlignment * BufferAlignment;
                Placement input = Home(graph.InputName, Region.Input, 0);
                Dictionary<string, Placement> outputs = new(StringComparer.Ordinal);
                long outputBytes = 0;
                foreach (GraphOutput each in graph.Outputs)
                {
                    Placement output = outputs[each.Name] = Home(each.Name, Region.Output, outputBytes);
                    outputBytes += Placement.DramBytes(output.Shape, output.Format, batch);
                }

                Dictionary<string, Placement> roots = live.Keys.ToDictionary(name => name, name =>
                    !spilled.Contains(name) ? Home(name, Region.Buffer, ring + scratch + stage + offsets[name])
                    : name == graph.InputName ? input : outputs.GetValueOrDefault(name) ?? Home(name, Region.Arena, arenaOffsets[name]),
                        StringComparer.Ordinal);
                IEnumerable<string> stored = layers.SelectMany(layer => layer.Stores.Concat(layer.Reads)).Append(graph.InputName)
                    .Concat(outputs.Keys).Distinct();
                Dictionary<string, Placement> placements = stored.ToDictionary(name => name, name =>
                {
                    (string root, int channel, PixelPlace pixels) = concatenations.PlaceOf(name);
                    return roots[root] with { FirstChannel = channel, Pixels = pixels };
                }, StringComparer.Ordinal);
                ImmutableArray<TileCandidate> cuts = [.. tiles.Select(tile => tile!)];
                if (search.Goal == OptimizeFor.Cycles)
                    cuts = new TilePipeline(batch, search, IsSpilled).Choose(layers, cuts);
                return new MemoryPlan(layers, cuts, placements, input, outputs, ring, ring, ring + scratch,
                    arenaBytes, ring + scratch + stage + used);
            }

            string? next = live.Keys.Where(name => !spilled.Contains(name)).MaxBy(name => Range(name, false).Bytes);
            if (next is null)
            {
                throw DiagnosticDescriptors.NoTileFits.Error(null, null, string.Create(CultureInfo.InvariantCulture,
                    $"the buffer of {arch.BufferBytes} bytes is too small: weights take {ring} bytes and staging {stage}"));
            }

            spilled.Add(next);
            for (int i = 0; i < layers.Length; i++)
            {
                if (layers[i].Reads.Concat(layers[i].Stores).Any(name => concatenations.PlaceOf(name).Root == next))
                    tiles[i] = null;
            }
        }

        // Half of what is left for staging, so that the rest still holds what can stay; all of it where that is too little, or much slower.
        TileCandidate Cut(Layer layer)
        {
            TileCandidate? most = search.Choose(layer, IsSpilled, capacity);
            if (most is { StageBytes: 0 })
                return most;
            TileCandidate? half = search.Choose(layer, IsSpilled, capacity / 2);
            return half is not null && search.Rank(half).IsSmall == search.Rank(most!).IsSmall
                && search.Rank(half).Cost <= 1.25 * search.Rank(most!).Cost ? half
                : most ?? throw search.NothingFits(layer, IsSpilled, capacity);
        }

        bool IsSpilled(string name) => spilled.Contains(concatenations.PlaceOf(name).Root);

        LiveRange Range(string name, bool dram)
        {
            TensorType type = graph.TypeOf(name);
            long bytes = dram ? Placement.DramBytes(type.Shape, type.Format!.Value, batch)
                : Placement.BufferBytes(type.Shape, type.Format!.Value, batch);
            return new LiveRange(name, bytes, live[name].First, live[name].Last);
        }

        Placement Home(string name, Region region, long address) =>
            new(graph.TypeOf(name).Shape, graph.TypeOf(name).Format!.Value, region, address);
    }

    // The input is written before the first layer, an output is stored after the last layer that writes it. A concatenation lives from its
    // first part on.
    private static Dictionary<string,
        (int First, int Last)> LiveRanges(Graph graph, ImmutableArray<Layer> layers, Concatenations concatenations)
    {
        Dictionary<string, (int First, int Last)> live = new(StringComparer.Ordinal) { [graph.InputName] = (-1, -1) };
        for (int i = 0; i < layers.Length; i++)
        {
            foreach (string tensor in layers[i].Reads.Concat(layers[i].Stores))
            {
                string root = concatenations.PlaceOf(tensor).Root;
                live[root] = (live.TryGetValue(root, out (int First, int Last) range) ? range.First : i, i);
            }
        }

        return live;
    }

    private const long BufferAlignment = 64;

    /// <summary>Everything in the buffer and the arena starts at a multiple of 64 bytes, a DRAM burst of the presets.</summary>
    internal static long Align(long bytes) => (bytes + BufferAlignment - 1) / BufferAlignment * BufferAlignment;
}

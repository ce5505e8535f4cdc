using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// Where everything lives: two weight slots at the start of the buffer, a staging area for windows of spilled tensors behind them,
/// resident tensors in the rest; spilled ones in the arena, the network's ends in the input and output regions.
/// </summary>
/// <param name="Layers">The layers.</param>
/// <param name="Tiles">The tile shape of each layer.</param>
/// <param name="Placements">Where each stored tensor lives.</param>
/// <param name="Spilled">The tensors that live in DRAM.</param>
/// <param name="InputHome">The network's input in DRAM.</param>
/// <param name="OutputHome">The network's output in DRAM.</param>
/// <param name="WeightSlotBytes">Size of each of the two weight slots.</param>
/// <param name="StageAddress">First byte of the staging area.</param>
/// <param name="ArenaBytes">Size of the arena region.</param>
/// <param name="BufferBytes">Highest byte of the buffer that is used.</param>
public sealed record MemoryPlan(
    ImmutableArray<Layer> Layers, ImmutableArray<TileShape> Tiles, IReadOnlyDictionary<string, Placement> Placements,
    IReadOnlySet<string> Spilled, Placement InputHome, Placement OutputHome, long WeightSlotBytes, long StageAddress, long ArenaBytes, long BufferBytes)
{
    /// <summary>Plans a graph: everything resident if it fits, else the largest tensors go to DRAM one by one.</summary>
    /// <exception cref="EbspException">EBSP3001: not even single rows fit.</exception>
    public static MemoryPlan Make(Graph graph, ImmutableArray<Layer> layers, ArchSpec arch, int batch)
    {
        TilingSearch search = new(graph, arch, batch);
        long slot = Align(layers.Max(search.WeightBytes));
        long capacity = arch.BufferBytes - 2 * slot;
        Dictionary<string, (int First, int Last)> live = LiveRanges(graph, layers);
        HashSet<string> spilled = [];
        while (true)
        {
            // Half of what is left for staging, so that the rest still holds what can stay; all of it where that is too little.
            ImmutableArray<TileShape> tiles = [.. layers.Select(layer => search.Choose(layer, spilled, capacity / 2)
                ?? search.Choose(layer, spilled, capacity) ?? throw search.NothingFits(layer, spilled, capacity))];
            long stage = layers.Select((layer, i) => search.StageBytes(layer, tiles[i], spilled)).Max();
            IEnumerable<LiveRange> resident = live.Where(t => !spilled.Contains(t.Key)).Select(t => Range(t.Key, false));
            if (BufferAllocator.Run(resident, capacity - stage, out long used) is { } offsets)
            {
                IEnumerable<string> arena = spilled.Where(name => name != graph.InputName && name != graph.OutputName);
                Dictionary<string, long> arenaOffsets = BufferAllocator.Run(arena.Select(name => Range(name, true)), long.MaxValue, out long arenaBytes)!;
                Placement input = Home(graph.InputName, Region.Input, 0);
                Placement output = Home(graph.OutputName, Region.Output, 0);
                Dictionary<string, Placement> placements = live.Keys.ToDictionary(name => name, name =>
                    !spilled.Contains(name) ? Home(name, Region.Buffer, 2 * slot + stage + offsets[name])
                    : name == graph.InputName ? input : name == graph.OutputName ? output : Home(name, Region.Arena, arenaOffsets[name]));
                return new MemoryPlan(layers, tiles, placements, spilled, input, output, slot, 2 * slot, arenaBytes, 2 * slot + stage + used);
            }

            string? next = live.Keys.Where(name => !spilled.Contains(name)).MaxBy(name => Range(name, false).Bytes);
            if (next is null)
            {
                throw DiagnosticDescriptors.NoTileFits.Error(null, null, string.Create(CultureInfo.InvariantCulture,
                    $"the buffer of {arch.BufferBytes} bytes is too small: weights take {2 * slot} bytes and staging {stage}"));
            }

            spilled.Add(next);
        }

        LiveRange Range(string name, bool dram)
        {
            TensorType type = graph.TypeOf(name);
            long bytes = dram ? Placement.DramBytes(type.Shape, type.Format!.Value, batch) : Placement.BufferBytes(type.Shape, type.Format!.Value, batch);
            return new LiveRange(name, bytes, live[name].First, live[name].Last);
        }

        Placement Home(string name, Region region, long address) => new(graph.TypeOf(name).Shape, graph.TypeOf(name).Format!.Value, region, address);
    }

    // The input is written before the first layer, the output is read after the last.
    private static Dictionary<string, (int First, int Last)> LiveRanges(Graph graph, ImmutableArray<Layer> layers)
    {
        Dictionary<string, (int First, int Last)> live = new() { [graph.InputName] = (-1, -1) };
        for (int i = 0; i < layers.Length; i++)
        {
            foreach (string read in layers[i].Reads)
                live[read] = (live[read].First, i);
            foreach (string stored in layers[i].Stores)
                live[stored] = (i, i);
        }

        live[graph.OutputName] = (live[graph.OutputName].First, layers.Length);
        return live;
    }

    /// <summary>Everything in the buffer and the arena starts at a multiple of 64 bytes, a DRAM burst of the presets.</summary>
    internal static long Align(long bytes) => (bytes + 63) / 64 * 64;
}

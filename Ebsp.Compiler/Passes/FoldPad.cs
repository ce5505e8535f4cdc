using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// Zeros around the rows and columns of a map become pads of what reads them: of convolutions, of averages, which count them, and of max
/// pools where nothing is below zero.
/// </summary>
public static class FoldPad
{
    /// <summary>The graph without such nodes where all that reads them takes them.</summary>
    public static Graph Run(Graph graph)
    {
        // A pad may read a pad: the last one goes first.
        while (Once(graph) is { } folded)
            graph = folded;
        return graph;
    }

    private static Graph? Once(Graph graph)
    {
        ILookup<string, Node> readers = graph.Readers();
        Dictionary<string, Node> folded = graph.Nodes
            .Where(node => node.Op is Pad { ChannelsBefore: 0, ChannelsAfter: 0 } pad && !graph.IsOutput(node.Output)
                && readers[node.Output].All(reader => Padded(reader.Op, pad, IsNeverNegative(graph, node.Inputs[0])) is not null))
            .ToDictionary(node => node.Output, StringComparer.Ordinal);
        if (folded.Count == 0)
            return null;
        return graph.WithNodes(graph.Nodes.Where(node => !folded.ContainsKey(node.Output)).Select(node =>
            folded.TryGetValue(node.Inputs[0], out Node? pad)
                ? node.Reading(pad.Output, pad.Inputs[0]) with { Op = Padded(node.Op, (Pad)pad.Op, isNeverNegative: true)! } : node));
    }

    private static bool IsNeverNegative(Graph graph, string tensor) => graph.ProducerOf(tensor)?.Op is Clamp { Minimum: >= 0 };

    private static Op? Padded(Op op, Pad pad, bool isNeverNegative) => op switch
    {
        Conv conv => conv with { Geometry = Padded(conv.Geometry, pad) },
        AveragePool { CeilMode: false } pool when (pool.CountIncludesPadding || !pool.Geometry.IsPadded) && Touches(pool.Geometry, pad) =>
            pool with { Geometry = Padded(pool.Geometry, pad), CountIncludesPadding = true },
        MaxPool { CeilMode: false } pool when isNeverNegative && Touches(pool.Geometry, pad) =>
            pool with { Geometry = Padded(pool.Geometry, pad) },
        _ => null,
    };

    // A window of a pool has an element of the map.
    private static bool Touches(KernelWindow g, Pad pad) => Padded(g, pad) is var all && all is { DilationY: 1, DilationX: 1 }
        && Math.Max(all.PadTop, all.PadBottom) < all.KernelRows && Math.Max(all.PadLeft, all.PadRight) < all.KernelColumns;

    private static KernelWindow Padded(KernelWindow g, Pad pad) => g with
    {
        PadTop = g.PadTop + pad.Top,
        PadLeft = g.PadLeft + pad.Left,
        PadBottom = g.PadBottom + pad.Bottom,
        PadRight = g.PadRight + pad.Right,
    };
}

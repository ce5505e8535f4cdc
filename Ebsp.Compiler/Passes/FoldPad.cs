using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>Zeros around the rows and columns of a map become pads of the convolutions that read it.</summary>
public static class FoldPad
{
    /// <summary>The graph without such nodes where convolutions alone read them.</summary>
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
            .Where(node => node.Op is Pad { ChannelsBefore: 0, ChannelsAfter: 0 } && node.Output != graph.OutputName
                && readers[node.Output].All(reader => reader.Op is Conv))
            .ToDictionary(node => node.Output, StringComparer.Ordinal);
        if (folded.Count == 0)
            return null;
        return graph.WithNodes(graph.Nodes.Where(node => !folded.ContainsKey(node.Output)).Select(node =>
            node.Op is Conv conv && folded.TryGetValue(node.Inputs[0], out Node? pad)
                ? node.Reading(pad.Output, pad.Inputs[0]) with { Op = conv with { Geometry = Padded(conv.Geometry, (Pad)pad.Op) } }
                    : node));
    }

    private static KernelWindow Padded(KernelWindow g, Pad pad) => g with
    {
        PadTop = g.PadTop + pad.Top,
        PadLeft = g.PadLeft + pad.Left,
        PadBottom = g.PadBottom + pad.Bottom,
        PadRight = g.PadRight + pad.Right,
    };
}

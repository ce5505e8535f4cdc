using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// A clamp behind a max pool goes in front of it, where it costs nothing: both are monotone, so they commute. The values that the
/// pool reads then have no sign.
/// </summary>
public static class HoistClamp
{
    /// <summary>The graph with such clamps moved.</summary>
    public static Graph Run(Graph graph)
    {
        // A chain of pools needs one round for each.
        while (Once(graph) is { } moved)
            graph = moved;
        return graph;
    }

    private static Graph? Once(Graph graph)
    {
        ILookup<string, Node> readers = graph.Readers();
        foreach (Node clamp in graph.Nodes)
        {
            if (clamp.Op is not Clamp || graph.ProducerOf(clamp.Inputs[0]) is not { Op: MaxPool } pool
                || !graph.HasOneReader(readers, pool.Output)
                || !graph.HasOneReader(readers, pool.Inputs[0]))
                continue;
            Node first = clamp with { Inputs = pool.Inputs, Output = pool.Output };
            Node second = pool with { Inputs = [pool.Output], Output = clamp.Output };
            return graph.WithNodes(graph.Nodes.SelectMany(node => node == pool ? [first, second] : node == clamp ? [] : new[] { node }));
        }

        return null;
    }

}

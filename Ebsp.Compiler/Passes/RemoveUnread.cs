using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>Nodes whose output nothing reads go.</summary>
public static class RemoveUnread
{
    /// <summary>The graph of the nodes that the outputs depend on.</summary>
    public static Graph Run(Graph graph)
    {
        HashSet<string> read = [.. graph.Outputs.Select(output => output.Name)];
        List<Node> kept = [];
        foreach (Node node in graph.Nodes.Reverse())
        {
            if (!read.Contains(node.Output))
                continue;
            read.UnionWith(node.Inputs);
            kept.Add(node);
        }

        kept.Reverse();
        return kept.Count == graph.Nodes.Length ? graph : graph.WithNodes(kept);
    }
}

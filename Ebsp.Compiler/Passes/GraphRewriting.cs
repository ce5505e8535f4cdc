using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>What passes share: a graph again from changed nodes.</summary>
internal static class GraphRewriting
{
    /// <summary>The graph with other nodes; types are inferred again, scales of tensors kept.</summary>
    public static Graph WithNodes(this Graph graph, IEnumerable<Node> nodes, string? output = null, OutputTransform? transform = null)
    {
        GraphBuilder builder = GraphBuilder.Like(graph);
        foreach (Node node in nodes)
            builder.Add(node.Name, node.Op, node.Inputs.AsSpan(), node.Output, graph.TypeOf(node.Output).Scale);
        return builder.Build(output ?? graph.OutputName, transform ?? graph.OutputTransform);
    }

    /// <summary>Readers of each tensor; the host, which reads the outputs, is not among them.</summary>
    public static ILookup<string, Node> Readers(this Graph graph) =>
        graph.Nodes.SelectMany(node => node.Inputs.Distinct().Select(tensor => (tensor, node)))
            .ToLookup(pair => pair.tensor, pair => pair.node);

    /// <summary>Whether one node alone reads a tensor, and the host does not.</summary>
    public static bool HasOneReader(this Graph graph, ILookup<string, Node> readers, string tensor) =>
        !graph.IsOutput(tensor) && readers[tensor].Count() == 1;

    /// <summary>The node with one input in place of another.</summary>
    public static Node Reading(this Node node, string old, string replacement) =>
        node with { Inputs = [.. node.Inputs.Select(tensor => tensor == old ? replacement : tensor)] };

    /// <summary>Runs a pass and verifies what it made.</summary>
    /// <exception cref="EbspException">EBSP9001: the pass broke the graph.</exception>
    public static Graph Verified(string pass, Graph graph)
    {
        IReadOnlyList<Diagnostic> found = Verifier.Check(graph);
        return found.Count == 0 ? graph
            : throw new EbspException(
                [DiagnosticDescriptors.Internal.At(null, null, $"{pass}: the verifier failed after the pass"), .. found]);
    }
}

using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reports;

/// <summary>A graph in a few numbers.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Weights">Weights of all convolutions and fully connected layers.</param>
public sealed record NetworkFacts(Graph Graph, long Weights)
{
    /// <summary>The facts of a graph.</summary>
    public static NetworkFacts Of(Graph graph) => new(graph, graph.Nodes.Sum(node => WeightsOf(node.Op)));

    private static long WeightsOf(Op op) => op switch
    {
        Conv conv => conv.Weights.Length,
        FullyConnected full => full.Weights.Length,
        IntegerConv conv => conv.Weights.Length,
        _ => 0,
    };
}

using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// The host reads int32 scores, which requantizations alone write: an output of an operation on stored tensors (a max pool, a table, a
/// product) gets a step behind it that changes nothing.
/// </summary>
public static class StoreScores
{
    /// <summary>The graph with such steps, under the outputs' old names.</summary>
    public static Graph Run(Graph graph)
    {
        foreach (GraphOutput output in graph.Outputs)
            graph = Run(graph, output.Name);
        return graph;
    }

    private static Graph Run(Graph graph, string output)
    {
        Node? last = graph.ProducerOf(output);
        if (last?.Op is not (MaxPool or Slice or Pad or Concat or Assemble or PointFunction or LocalResponseNorm or Multiply))
            return graph;
        GraphBuilder builder = GraphBuilder.Like(graph);
        string stored = output + ".stored";
        for (int i = 2; graph.Types.ContainsKey(stored); i++)
            stored = string.Create(CultureInfo.InvariantCulture, $"{output}.stored.{i}");
        foreach (Node node in graph.Nodes)
        {
            Node renamed = node.Reading(output, stored);
            builder.Add(node.Name, node.Op, renamed.Inputs.AsSpan(), node == last ? stored : node.Output);
        }

        float[] one = new float[graph.TypeOf(output).Shape.Channels];
        Array.Fill(one, 1);
        builder.Add(output + ".scores", new ChannelAffine([.. one], [.. new float[one.Length]]), [stored], output);
        return builder.Build(graph.OutputName, graph.OutputTransform);
    }
}

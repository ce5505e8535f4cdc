using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// Gives every part of a concatenation or assembly one place: a layer writes it there, and nothing is copied. What cannot be written there,
/// the network's ends, views and parts that already lie in another concatenation, goes through a copy on the vector unit, which stands in
/// the graph for all to see.
/// </summary>
public static class PlaceConcat
{
    /// <summary>The graph whose concatenations need no further copies.</summary>
    /// <param name="graph">An integer graph that went through <see cref="AlignChannels"/>.</param>
    public static Graph Run(Graph graph)
    {
        if (!graph.Nodes.Any(node => node.Op is Concat or Assemble))
            return graph;
        Dictionary<string, Node> producers = graph.Nodes.ToDictionary(node => node.Output, StringComparer.Ordinal);
        HashSet<string> placed = new(StringComparer.Ordinal);
        GraphBuilder builder = GraphBuilder.Like(graph);
        foreach (Node node in graph.Nodes)
        {
            string[] inputs = [.. node.Inputs];
            for (int i = 0; node.Op is Concat or Assemble && i < inputs.Length; i++)
            {
                string part = Concatenations.PartOf(graph, node, i);
                Shape shape = graph.TypeOf(part).Shape;
                PixelPlace pixels = node.Op is Assemble assemble ? assemble.Places[i] : PixelPlace.Whole(shape.Width);
                bool isWritten = producers.TryGetValue(part, out Node? producer) && producer.Op is not (Slice or Pad)
                    && !graph.IsOutput(part) && Concatenations.CanLie(graph, part, pixels);
                if (!isWritten || !placed.Add(part))
                    inputs[i] = builder.Add($"{node.Name}.copy{i}", StorePads.Copy(graph.TypeOf(inputs[i]).Format!.Value), [inputs[i]],
                        builder.Unused($"{node.Output}.{i}"), graph.TypeOf(inputs[i]).Scale);
            }

            builder.Add(node.Name, node.Op, inputs, node.Output, graph.TypeOf(node.Output).Scale);
        }

        return builder.Build(graph.OutputName, graph.OutputTransform);
    }
}

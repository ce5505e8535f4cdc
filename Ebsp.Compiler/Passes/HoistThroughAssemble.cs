using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// Batch normalization and clamps behind an assembly go in front of it, where the layers that make its parts take them along: what is done
/// to each pixel alone may be done before the pixels are put together.
/// </summary>
public static class HoistThroughAssemble
{
    /// <summary>The graph with such steps moved.</summary>
    public static Graph Run(Graph graph)
    {
        while (Once(graph) is { } moved)
            graph = moved;
        return graph;
    }

    private static Graph? Once(Graph graph)
    {
        ILookup<string, Node> readers = graph.Readers();
        foreach (Node assembly in graph.Nodes)
        {
            if (assembly.Op is not Assemble || !graph.HasOneReader(readers, assembly.Output)
                || readers[assembly.Output].Single() is not { Op: ChannelAffine or Clamp } step)
                continue;
            GraphBuilder builder = GraphBuilder.Like(graph);
            foreach (Node node in graph.Nodes)
            {
                if (node == step)
                    continue;
                if (node != assembly)
                {
                    builder.Copy(node, graph);
                    continue;
                }

                Dictionary<string, string> done = new(StringComparer.Ordinal);
                foreach (string part in assembly.Inputs)
                {
                    if (!done.ContainsKey(part))
                        done[part] = builder.Add(step.Name, step.Op, [part], Unused(graph, builder, step.Output, done.Count));
                }

                builder.Add(assembly.Name, assembly.Op, [.. assembly.Inputs.Select(part => done[part])], step.Output);
            }

            return builder.Build(graph.OutputName, graph.OutputTransform);
        }

        return null;
    }

    private static string Unused(Graph graph, GraphBuilder builder, string output, int index)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{output}.part{index}");
        while (graph.Types.ContainsKey(name) || builder.Has(name))
            name += "'";
        return name;
    }
}

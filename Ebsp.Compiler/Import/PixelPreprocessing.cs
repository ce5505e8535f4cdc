using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>
/// A network that reads pixels and scales them itself: the steps become the preprocessing of raw pixels, which the host does by a table.
/// </summary>
internal static class PixelPreprocessing
{
    /// <summary>The graph without the affine steps at its input.</summary>
    public static Graph Moved(Graph graph)
    {
        double[] factor = [.. Enumerable.Repeat(1.0, graph.InputShape.Channels)], offset = new double[factor.Length];
        string read = graph.InputName;
        HashSet<Node> moved = [];
        while (graph.ConsumersOf(read).Take(2).ToArray() is [{ Op: ChannelAffine affine } node] && !graph.IsOutput(read)
            && !graph.IsOutput(node.Output) && affine.Factor.All(each => each != 0))
        {
            for (int c = 0; c < factor.Length; c++)
                (factor[c], offset[c]) = (factor[c] * affine.Factor[c], offset[c] * affine.Factor[c] + affine.Offset[c]);
            moved.Add(node);
            read = node.Output;
        }

        if (moved.Count == 0)
            return graph;
        GraphBuilder builder = GraphBuilder.Like(graph);
        // x = (pixel - mean) / std
        builder.Preprocessing = new Preprocessing(1, [.. factor.Select((each, c) => -offset[c] / each)],
            [.. factor.Select(each => 1 / each)]);
        foreach (Node node in graph.Nodes.Where(node => !moved.Contains(node)))
        {
            string[] inputs = [.. node.Inputs.Select(input => input == read ? graph.InputName : input)];
            builder.Add(node.Name, node.Op, inputs, node.Output);
        }

        return builder.Build(graph.OutputName);
    }
}

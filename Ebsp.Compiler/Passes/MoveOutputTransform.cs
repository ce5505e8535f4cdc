using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>Softmax, log-softmax or arg-max at the output becomes the host's work.</summary>
public static class MoveOutputTransform
{
    /// <summary>The graph without its last node where that is one of the three.</summary>
    public static Graph Run(Graph graph)
    {
        Node? last = graph.ProducerOf(graph.OutputName);
        if (last is null || last.Op is not (Softmax or LogSoftmax or ArgMax) || graph.ConsumersOf(graph.OutputName).Any()
            || graph.OutputTransform != OutputTransform.None)
            return graph;
        OutputTransform transform = last.Op switch
        {
            Softmax => OutputTransform.Softmax,
            LogSoftmax => OutputTransform.LogSoftmax,
            _ => OutputTransform.ArgMax,
        };
        return graph.WithNodes(graph.Nodes.Where(node => node != last), last.Inputs[0], transform);
    }
}

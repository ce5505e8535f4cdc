using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>Softmax, log-softmax, arg-max, sigmoid, exp or a norm at an output becomes the host's work.</summary>
public static class MoveOutputTransform
{
    /// <summary>The graph without the last nodes of outputs where they are such.</summary>
    public static Graph Run(Graph graph)
    {
        for (int i = 0; i < graph.Outputs.Length; i++)
            graph = Moved(graph, i);
        return graph;
    }

    private static Graph Moved(Graph graph, int index)
    {
        GraphOutput output = graph.Outputs[index];
        Node? last = graph.ProducerOf(output.Name);
        if (last is null || TransformOf(last.Op) is not { } transform || graph.ConsumersOf(output.Name).Any()
            || output.Transform != OutputTransform.None || last.Inputs[0] == graph.InputName)
            return graph;
        if (graph.OtherOutputs.IsEmpty)
            return graph.WithNodes(graph.Nodes.Where(node => node != last), last.Inputs[0], transform);
        // Several outputs are told apart by their names: what the host begins with takes the output's.
        string source = last.Inputs[0];
        if (graph.IsOutput(source))
            return graph;
        Graph moved = graph.WithNodes(graph.Nodes.Where(node => node != last).Select(node => node.Reading(source, output.Name) with
        {
            Output = node.Output == source ? output.Name : node.Output,
        }));
        return moved.WithOutputs([.. moved.Outputs.Select((each, i) => i == index ? each with { Transform = transform } : each)]);
    }

    private static OutputTransform? TransformOf(Op op) => op switch
    {
        Softmax => OutputTransform.Softmax,
        LogSoftmax => OutputTransform.LogSoftmax,
        ArgMax => OutputTransform.ArgMax,
        Normalize { Order: 1 } => OutputTransform.Normalize1,
        Normalize => OutputTransform.Normalize2,
        PointFunction { Kind: PointFunctionKind.Sigmoid } => OutputTransform.Sigmoid,
        PointFunction { Expression.Steps: [{ Kind: PointStepKind.Input }, { Kind: PointStepKind.Exp }] } => OutputTransform.Exp,
        _ => null,
    };
}

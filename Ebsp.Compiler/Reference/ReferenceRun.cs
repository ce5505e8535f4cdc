using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference;

/// <summary>Every tensor of an integer graph for one image.</summary>
/// <param name="Graph">The graph that ran.</param>
/// <param name="Tensors">By name, the input and accumulators included, each in H, W, C order.</param>
public sealed record ReferenceRun(Graph Graph, IReadOnlyDictionary<string, int[]> Tensors)
{
    /// <summary>The tensor that the host reads.</summary>
    public int[] Scores => Tensors[Graph.OutputName];
}

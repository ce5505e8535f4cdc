using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Cli.Running;

/// <summary>Names of tensors.</summary>
internal static class Tensors
{
    private const int MaxListed = 40;

    /// <summary>The name, if the graph has it.</summary>
    public static string Require(Graph graph, string tensor)
    {
        if (graph.Types.ContainsKey(tensor))
            return tensor;
        string[] names = [graph.InputName, .. graph.Nodes.Select(node => node.Output)];
        string list = string.Join(", ", names.Take(MaxListed)) + (names.Length > MaxListed ? ", ..." : "");
        throw DiagnosticDescriptors.UnknownTensor.Error(null, null, tensor, list);
    }
}

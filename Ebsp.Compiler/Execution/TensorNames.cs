using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Execution;

/// <summary>Names of tensors.</summary>
internal static class TensorNames
{
    private const int MaxListed = 40;

    /// <summary>The name, if the graph has it.</summary>
    public static string Require(Graph graph, string tensor)
    {
        if (graph.Types.ContainsKey(tensor))
            return tensor;
        throw Unknown(tensor, [graph.InputName, .. graph.Nodes.Select(node => node.Output)]);
    }

    /// <summary>The values of a tensor, if it was stored.</summary>
    public static T Require<T>(IReadOnlyDictionary<string, T> stored, string tensor) =>
        stored.TryGetValue(tensor, out T? values) ? values : throw Unknown(tensor, [.. stored.Keys]);

    private static EbspException Unknown(string tensor, string[] names)
    {
        string list = string.Join(", ", names.Take(MaxListed)) + (names.Length > MaxListed ? ", ..." : "");
        return DiagnosticDescriptors.UnknownTensor.Error(null, null, tensor, list);
    }
}

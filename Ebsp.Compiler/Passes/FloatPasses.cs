using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>The passes on a float graph before it is quantized, in order; none changes the function that the graph computes.</summary>
public static class FloatPasses
{
    /// <summary>Name and pass, in order.</summary>
    public static IReadOnlyList<(string Name, Func<Graph, Graph> Run)> All { get; } =
    [
        ("move-output-transform", MoveOutputTransform.Run),
        ("remove-unread", RemoveUnread.Run),
        ("fold-pad", FoldPad.Run),
        ("split-layers", SplitLayers.Run),
        ("hoist-clamp", HoistClamp.Run),
        ("hoist-through-assemble", HoistThroughAssemble.Run),
        ("fold-batch-norm", FoldBatchNorm.Run),
        ("store-scores", StoreScores.Run),
    ];

    /// <summary>Runs them all with a verifier after each.</summary>
    /// <param name="graph">A float graph.</param>
    /// <param name="after">Told the name and graph after each pass, or null.</param>
    /// <exception cref="EbspException">EBSP9001: a pass broke the graph.</exception>
    public static Graph Run(Graph graph, Action<string, Graph>? after = null)
    {
        foreach ((string name, Func<Graph, Graph> pass) in All)
        {
            graph = GraphRewriting.Verified(name, pass(graph));
            after?.Invoke(name, graph);
        }

        return graph;
    }
}

using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>The passes over an integer graph before it is cut into tiles, in order; the graph is verified after each.</summary>
public static class Pipeline
{
    /// <summary>The passes by name.</summary>
    public static IReadOnlyList<(string Name, Func<Graph, Graph> Run)> Passes { get; } =
    [
        ("remove-unread", RemoveUnread.Run),
        ("store-pads", StorePads.Run),
        ("align-channels", AlignChannels.Run),
        ("place-concat", PlaceConcat.Run),
    ];

    /// <summary>Runs all passes.</summary>
    /// <param name="graph">An integer graph.</param>
    /// <param name="dump">Receives the listing after each pass; null for none.</param>
    /// <exception cref="Diagnostics.EbspException">EBSP9001 names the pass that broke the graph.</exception>
    public static Graph Run(Graph graph, Action<string, string>? dump)
    {
        foreach ((string name, Func<Graph, Graph> run) in Passes)
        {
            graph = GraphRewriting.Verified(name, run(graph));
            dump?.Invoke(name, GraphPrinter.Print(graph));
        }

        return graph;
    }
}

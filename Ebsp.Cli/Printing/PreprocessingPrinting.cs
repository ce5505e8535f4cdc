using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Cli.Printing;

/// <summary>The preprocessing of a graph on one line, as a program's provenance has it, too.</summary>
internal static class PreprocessingPrinting
{
    public static string Text(Graph graph)
    {
        Preprocessing p = graph.Preprocessing;
        return string.Create(CultureInfo.InvariantCulture,
            $"scale={p.Scale:R} mean={string.Join(',', p.Mean.Select(Exact))} std={string.Join(',', p.Std.Select(Exact))} " +
                $"order={(p.ReverseChannels ? "bgr" : "rgb")}");
    }

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

using System.Text.Json.Nodes;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reports;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Printing;

/// <summary>A graph in a few lines.</summary>
internal static class NetworkPrinting
{
    public static IEnumerable<string> Text(NetworkFacts facts)
    {
        Graph graph = facts.Graph;
        yield return $"network        {graph.Name}: {Quantity.Count(graph.Nodes.Length, "operation")}, " +
            $"{Quantity.Count(facts.Weights, "weight")}, {(graph.IsInteger ? "integers" : "float32")}";
        yield return $"input          {graph.InputName}: {graph.InputShape} (C x H x W)";
        if (graph.InputEncoding is { } encoding)
            yield return $"input coding   {Quantity.Count(encoding.Terms, "term")} of {encoding.Format}, scale " +
                $"{Quantity.Significant(encoding.Scale)}";
        yield return $"preprocessing  {PreprocessingPrinting.Text(graph)}";
        foreach (GraphOutput output in graph.Outputs)
            yield return $"output         {output.Name}: {graph.TypeOf(output.Name).Shape}" +
                $"{(output.Transform == OutputTransform.None ? "" : $", then {output.Transform}")}";
        if (!graph.Labels.IsDefaultOrEmpty)
            yield return $"classes        {Quantity.Count(graph.Labels.Length)}: " +
                $"{string.Join(", ", graph.Labels.Take(5))}{(graph.Labels.Length > 5 ? ", ..." : "")}";
    }

    public static JsonObject Json(NetworkFacts facts)
    {
        Graph graph = facts.Graph;
        JsonObject json = new()
        {
            ["name"] = graph.Name,
            ["integer"] = graph.IsInteger,
            ["operations"] = graph.Nodes.Length,
            ["weights"] = facts.Weights,
            ["input"] = graph.InputShape.ToString(),
            ["output"] = graph.TypeOf(graph.OutputName).Shape.ToString(),
            ["preprocessing"] = PreprocessingPrinting.Text(graph),
            ["classes"] = new JsonArray([.. graph.Labels.IsDefault ? [] : graph.Labels.Select(label => JsonValue.Create(label))]),
        };
        // Where there is one, `output` says it all.
        if (graph.Outputs.Length > 1)
            json["outputs"] = new JsonArray([.. graph.Outputs.Select(output => new JsonObject
            {
                ["name"] = output.Name,
                ["shape"] = graph.TypeOf(output.Name).Shape.ToString(),
                ["transform"] = OutputTransforms.Names[(int)output.Transform],
            })]);
        return json;
    }
}

using System.Text.Json.Nodes;
using Ebsp.Compiler.Ir;

namespace Ebsp.Cli.Running;

/// <summary>A graph in a few lines.</summary>
internal static class GraphSummary
{
    /// <summary>Prints shapes, counts and preprocessing.</summary>
    public static void Print(Call call, Graph graph)
    {
        TensorType output = graph.TypeOf(graph.OutputName);
        long weights = graph.Nodes.Sum(node => Weights(node.Op));
        call.Print($"network        {graph.Name}: {Quantity.Count(graph.Nodes.Length, "operation")}, " +
            $"{Quantity.Count(weights, "weight")}, {(graph.IsInteger ? "integers" : "float32")}");
        call.Print($"input          {graph.InputName}: {graph.InputShape} (C x H x W)");
        if (graph.InputEncoding is { } encoding)
            call.Print($"input coding   {Quantity.Count(encoding.Terms, "term")} of {encoding.Format}, scale " +
                $"{Quantity.Significant(encoding.Scale)}");
        call.Print($"preprocessing  {ImportArguments.Describe(graph)}");
        call.Print($"output         {graph.OutputName}: " +
            $"{output.Shape}{(graph.OutputTransform == OutputTransform.None ? "" : $", then {graph.OutputTransform}")}");
        if (!graph.Labels.IsDefaultOrEmpty)
            call.Print($"classes        {Quantity.Count(graph.Labels.Length)}: " +
                $"{string.Join(", ", graph.Labels.Take(5))}{(graph.Labels.Length > 5 ? ", ..." : "")}");
        call.Result["network"] = new JsonObject
        {
            ["name"] = graph.Name,
            ["integer"] = graph.IsInteger,
            ["operations"] = graph.Nodes.Length,
            ["weights"] = weights,
            ["input"] = graph.InputShape.ToString(),
            ["output"] = output.Shape.ToString(),
            ["preprocessing"] = ImportArguments.Describe(graph),
            ["classes"] = new JsonArray([.. graph.Labels.IsDefault ? [] : graph.Labels.Select(label => JsonValue.Create(label))]),
        };
    }

    private static long Weights(Op op) => op switch
    {
        Conv conv => conv.Weights.Length,
        FullyConnected full => full.Weights.Length,
        IntegerConv conv => conv.Weights.Length,
        _ => 0,
    };
}

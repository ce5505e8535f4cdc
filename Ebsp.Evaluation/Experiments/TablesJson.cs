using System.Text.Json.Nodes;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Tables as one JSON object, as docs/schema/ebspc-lab-1.schema.json describes it.</summary>
internal static class TablesJson
{
    /// <summary>The schema that the object follows.</summary>
    public const string Schema = "ebspc-lab/1";

    /// <summary>The object.</summary>
    public static JsonObject Of(IEnumerable<ExperimentTable> tables) => new()
    {
        ["schema"] = Schema,
        ["tables"] = new JsonArray([.. tables.Select(table => table.ToJson())]),
    };
}

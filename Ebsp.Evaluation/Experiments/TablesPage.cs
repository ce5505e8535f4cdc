using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ebsp.Evaluation.Experiments;

/// <summary>What every column holds, as a page for people and as a schema for programs; made from the tables themselves.</summary>
internal static class TablesPage
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>docs/lab-tables.md.</summary>
    /// <param name="tables">One table of each name.</param>
    public static string Write(IEnumerable<ExperimentTable> tables)
    {
        StringBuilder page = new(
            "# Tables of the laboratory\n\nGenerated; do not edit. A test compares this page with the tables (`EBSP_BLESS=1` writes it " +
                "anew).\n" +
            "`ebspc lab compare --csv FOLDER` writes each as NAME.csv: UTF-8, a comma between columns, cells quoted as in RFC 4180, " +
                "numbers with\n" +
            "all digits, the unit in brackets behind the name. `--json` has them as `result.tables`, and the pages hold them for " +
                "download.\n" +
            $"[Schema](schema/{SchemaFile}).\n");
        foreach (ExperimentTable table in tables)
        {
            page.Append("\n## ").Append(table.Name).Append("\n\n").Append(table.Title).Append(".\n\n| column | unit | what it is " +
                "|\n|---|---|---|\n");
            foreach (Column column in Distinct(table))
            {
                page.Append("| ").Append(column.Each.Length > 0 ? $"(one for each {column.Each})" : column.Name).Append(" | ")
                    .Append(column.Unit)
                    .Append(" | ").Append(column.Formula).Append(" |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>Name of the schema's file.</summary>
    public const string SchemaFile = "ebspc-lab-1.schema.json";

    /// <summary>docs/schema/ebspc-lab-1.schema.json.</summary>
    /// <param name="tables">One table of each name, with a value in every column.</param>
    public static string Schema(IReadOnlyCollection<ExperimentTable> tables) => new JsonObject
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = TablesJson.Schema,
        ["title"] = "Tables of ebspc lab",
        ["description"] = "Tables as the pages hold them; --json prints the same tables as result.tables. Tables and columns are only " +
            "ever added.",
        ["type"] = "object",
        ["required"] = new JsonArray("schema", "tables"),
        ["properties"] = new JsonObject
        {
            ["schema"] = new JsonObject { ["const"] = TablesJson.Schema, ["description"] = "This schema." },
            ["tables"] = new JsonObject
            {
                ["type"] = "array",
                ["description"] = "The tables.",
                ["items"] = new JsonObject
                {
                    ["anyOf"] = new JsonArray([.. tables.Select(table => new JsonObject { ["$ref"] = "#/$defs/" + table.Name })]),
                },
            },
        },
        ["$defs"] = new JsonObject(tables.Select(table => KeyValuePair.Create(table.Name, (JsonNode?)Definition(table)))),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject Definition(ExperimentTable table)
    {
        JsonObject row = new() { ["type"] = "object", ["description"] = "A row." };
        JsonObject properties = [];
        foreach (Column column in Distinct(table))
        {
            JsonObject type = new()
            {
                ["type"] = table.Rows.Any(cells => cells[table.Columns.IndexOf(column)] is double) ? new JsonArray("number", "null")
                    : new JsonArray("string", "null"),
                ["description"] = column.Unit.Length == 0 ? column.Formula : $"{column.Formula}; {column.Unit}",
            };
            if (column.Each.Length > 0)
                row["additionalProperties"] = type;
            else
                properties[column.Name] = type;
        }

        row["properties"] = properties;
        row["additionalProperties"] ??= false;
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = table.Title,
            ["required"] = new JsonArray("name", "title", "columns", "rows", "notes"),
            ["properties"] = new JsonObject
            {
                ["name"] = new JsonObject { ["const"] = table.Name, ["description"] = "Name of the table." },
                ["title"] = new JsonObject { ["type"] = "string", ["description"] = "For people." },
                ["columns"] = new JsonObject { ["type"] = "array", ["description"] = "Name, unit and formula of each column." },
                ["rows"] = new JsonObject { ["type"] = "array", ["description"] = "Rows.", ["items"] = row },
                ["notes"] = new JsonObject { ["type"] = "array", ["description"] = "Sentences." },
            },
        };
    }

    // Of columns that there is one of for each network or machine, the first of a kind.
    private static ImmutableArray<Column> Distinct(ExperimentTable table) =>
        [.. table.Columns.Where((column, i) => column.Each.Length == 0 || table.Columns.Take(i).All(other => other.Each != column.Each))];
}

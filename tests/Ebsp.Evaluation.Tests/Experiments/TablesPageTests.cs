using System.Text.Json.Nodes;
using Ebsp.Evaluation.Experiments;
using Ebsp.TestKit;

namespace Ebsp.Evaluation.Tests.Experiments;

/// <summary>docs/lab-tables.md and the schema are made from the tables.</summary>
[TestClass]
public sealed class TablesPageTests
{
    [TestMethod]
    [DataRow("docs/lab-tables.md")]
    [DataRow("docs/schema/" + TablesPage.SchemaFile)]
    public void Document_IsThatOfTheTables(string file)
    {
        IReadOnlyList<ExperimentTable> tables = LabTables.All();
        string made = file.EndsWith(".md", StringComparison.Ordinal) ? TablesPage.Write(tables) : TablesPage.Schema(tables),
            path = TestData.Repository(file);
        if (Environment.GetEnvironmentVariable("EBSP_BLESS") == "1")
            File.WriteAllText(path, made);
        Assert.AreEqual(made, File.ReadAllText(path));
    }

    [TestMethod]
    public void Columns_OfEveryTable_HaveAFormula()
    {
        foreach (ExperimentTable table in LabTables.All())
        {
            Assert.AreEqual(table.Columns.Length, table.Columns.Select(column => column.Name).Distinct().Count(), table.Name);
            foreach (Column column in table.Columns)
                Assert.IsGreaterThan(2, column.Formula.Length, $"{table.Name}: {column.Name}");
        }
    }

    [TestMethod]
    [DataRow("compare", "--networks", "alexnet", "--no-page")]
    [DataRow("compare", "--networks", "resnet20", "--machines", "int8", "--executed", "--no-page")]
    [DataRow("networks")]
    [DataRow("networks", "resnet20")]
    [DataRow("machines")]
    public void Json_OfAVerb_FollowsTheSchema(params string[] call)
    {
        JsonObject definitions = JsonNode.Parse(File.ReadAllText(TestData.Repository("docs/schema/" + TablesPage.SchemaFile)))!["$defs"]!
            .AsObject();
        foreach (JsonNode? table in JsonNode.Parse(Lab.Run([.. call, "--json"]).Output)!["result"]!["tables"]!.AsArray())
        {
            string name = (string)table!["name"]!;
            JsonObject row = definitions[name]!["properties"]!["rows"]!["items"]!.AsObject();
            foreach ((string column, JsonNode? cell) in table["rows"]!.AsArray().SelectMany(cells => cells!.AsObject()))
            {
                JsonNode type = row["properties"]![column] ?? row["additionalProperties"]!;
                Assert.IsInstanceOfType<JsonObject>(type, $"{name} has no column {column}");
                string kind = cell is null ? "null" : cell.GetValueKind().ToString().ToLowerInvariant();
                Assert.Contains(kind, type["type"]!.AsArray().Select(allowed => (string)allowed!).ToArray(), $"{name}: {column}");
            }
        }
    }
}

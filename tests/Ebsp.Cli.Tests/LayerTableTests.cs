using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Cli.Printing;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>The table of layers: CSV, JSON and their documented columns.</summary>
[TestClass]
public sealed class LayerTableTests
{
    [TestMethod]
    public void Document_Columns_AreThoseOfTheTable()
    {
        StringBuilder page = new("""
            # The table of layers

            Generated; do not edit. `ebspc run MODEL.ebsp --layers FILE.csv` writes it as CSV (UTF-8, a comma between columns, names quoted as in RFC 4180),
            `--json` gives the same fields as `result.timing.layers`, and `ebspc compile --report FILE.csv|FILE.json` the same table beside the program. A row a layer in the order of the program, then `(rest)` for what belongs to no layer.
            All values are executed (timing model on the program's own instructions), of one run, which is one batch. Over all rows busy cycles, every stall
            and every count add up to those of the program, unit by unit. Formulas: [timing.md](timing.md).

            | column | meaning |
            |---|---|
            | layer | Name of the layer in the source model |

            """.ReplaceLineEndings("\n"));
        foreach (LayerColumn column in LayerColumn.All)
            page.Append(CultureInfo.InvariantCulture, $"| {column.Name} | {column.Meaning} |\n");
        Golden.Check("docs/layers.md", page.ToString());
    }

    [TestMethod]
    public void Layers_CsvAndJson_AddUpToTheProgram()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program), csv = folder.File("layers.csv");
        JsonObject result = Ebspc.Run("run", program, "--timing", "cycles", "--layers", csv, "--json").Expect(0).Json["result"]!.AsObject();
        string[][] rows = [.. File.ReadAllLines(csv).Select(line => line.Split(','))];
        JsonArray layers = result["timing"]!["layers"]!.AsArray();
        Assert.HasCount(rows.Length - 1, layers);
        CollectionAssert.AreEqual(LayerColumn.All.Select(column => column.Name).Prepend("layer").ToArray(), rows[0]);
        CollectionAssert.AllItemsAreUnique(rows[0]);
        for (int i = 0; i < layers.Count; i++)
        {
            foreach ((string name, string cell) in rows[0].Zip(rows[i + 1]))
                Assert.AreEqual(cell, layers[i]![name]!.ToString(), $"{rows[i + 1][0]} {name}");
        }

        TimingReport report = TimingModel.Run(ProgramReader.Open(File.ReadAllBytes(program)));
        Assert.AreEqual(report.Actions.Macs, Sum("macs"));
        foreach (Unit unit in Enum.GetValues<Unit>())
        {
            string[] cycles = [.. rows[0]
                .Where(name => name.StartsWith(unit.ToString(), StringComparison.OrdinalIgnoreCase)
                && name.EndsWith("Cycles", StringComparison.Ordinal))];
            Assert.HasCount(1 + Enum.GetValues<StallKind>().Length, cycles);
            Assert.AreEqual(report.Cycles, cycles.Sum(Sum), unit.ToString());
        }

        long Sum(string column) => rows[1..].Sum(row => long.Parse(row[Array.IndexOf(rows[0], column)], CultureInfo.InvariantCulture));
    }

    [TestMethod]
    public void Layers_WithoutAMachine_IsUsageError()
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers), csv = folder.File("layers.csv");
        Ebspc.Run("run", integers, "--input", DigitsModel.HeldOut, "--count", "1", "--layers", csv).Expect(2);
        Assert.IsFalse(File.Exists(csv));
    }
}

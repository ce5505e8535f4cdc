using System.Text.Json.Nodes;
using Ebsp.Tool;

namespace Ebsp.Evaluation.Tests.Experiments;

[TestClass]
public sealed class CompareVerbTests
{
    [TestMethod]
    public void Compare_AsJson_HasEveryTableWithUnitsAndFormulas()
    {
        (int exit, string output, string _) = Run("compare", "--networks", "resnet20,mobilenetv2", "--json");
        Assert.AreEqual(ExitCode.Success, exit);
        JsonObject envelope = JsonNode.Parse(output)!.AsObject();
        Assert.AreEqual("ebspc-lab", (string)envelope["tool"]!);
        JsonArray tables = envelope["result"]!["tables"]!.AsArray();
        CollectionAssert.AreEqual((string[])["headline", "area", "time", "energy", "runs", "sensitivity", "conditions", "pattern",
            "layers"],
            tables.Select(table => (string)table!["name"]!).ToArray());
        foreach (JsonNode? column in tables.SelectMany(table => table!["columns"]!.AsArray()))
            Assert.IsGreaterThan(2, ((string)column!["formula"]!).Length, column.ToJsonString());
        JsonArray runs = tables[4]!["rows"]!.AsArray();
        Assert.HasCount(9 * 2, runs);
        Assert.IsTrue(runs.All(row => (double)row!["energy"]! > 0));
    }

    [TestMethod]
    public void Compare_Twice_PrintsTheSameBytes() =>
        Assert.AreEqual(Run("compare", "--networks", "alexnet").Output, Run("compare", "--networks", "alexnet").Output);

    [TestMethod]
    [DataRow("compare --machines eyeris", "'eyeriss'")]
    [DataRow("compare --networks vgg19", "'vgg16'")]
    [DataRow("compare --set raw46", "raw46")]
    [DataRow("compare --batch 0", "1..4095")]
    public void Compare_BadArgument_SaysWhatWouldDo(string line, string expected)
    {
        (int exit, string _, string error) = Run(line.Split(' '));
        Assert.AreNotEqual(ExitCode.Success, exit);
        Assert.Contains(expected, error);
        Assert.DoesNotContain("   at ", error);
    }

    private static (int Exit, string Output, string Error) Run(params string[] args) => Lab.Run([.. args, "--no-page"]);
}

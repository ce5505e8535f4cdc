using System.Text.Json.Nodes;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>The published schema of --json. Every envelope that a test reads is checked against it
/// (<see cref="CliResult.Json"/>).</summary>
[TestClass]
public sealed class JsonSchemaTests
{
    [TestMethod]
    public void Schema_EveryField_IsDescribed() => Assert.IsEmpty(Ebspc.Schema.Undescribed().ToArray());

    [TestMethod]
    public void Schema_EveryVerb_HasItsResult()
    {
        JsonObject schema = JsonNode.Parse(File.ReadAllText(TestData.Repository("docs/schema/ebspc-1.schema.json")))!.AsObject();
        string[] verbs = [.. schema["allOf"]!.AsArray().Select(part => (string)part!["if"]!["properties"]!["verb"]!["const"]!)];
        CollectionAssert.AreEquivalent(CommandLine.Create().Subcommands.Select(verb => verb.Name).ToArray(), verbs);
    }

    [TestMethod]
    public void Json_OfVerbsOnFiles_FollowsTheSchema()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program), integers = folder.Write("digits.q.pb", DigitsModel.Integers);
        string floats = folder.File("digits.pb");
        string[][] calls =
        [
            ["check", DigitsModel.Onnx],
            ["import", DigitsModel.Onnx, "--scale", "1/16", "-o", floats],
            ["quantize", floats, "--calibration", DigitsModel.Calibration, "--report", folder.File("report.csv"), "-o",
                folder.File("again.q.pb")],
            ["compile", integers, "-o", folder.File("again.ebsp")],
            ["run", program, "--input", DigitsModel.HeldOut, "--count", "5", "--timing", "full"],
            ["run", program, "--input", DigitsModel.HeldOut, "--count", "5", "--timing", "none", "-o", folder.File("scores.npy")],
            ["run", program, "--timing", "cycles"],
            ["trace", program, "-o", folder.File("trace.json")],
            ["verify", program, "--count", "1"],
            ["inspect", program],
            ["inspect", integers],
            ["view", floats],
            ["view", floats, "-o", folder.File("floats.onnx")],
            ["disasm", program],
            ["explain", "EBSP1005"],
            ["explain", program],
            ["explain", integers, "conv1", "--arch", "small-16"],
            ["doctor"],
            ["inspect", folder.File("absent.pb")],
        ];
        foreach (string[] call in calls)
        {
            JsonObject envelope = Ebspc.Run([.. call, "--json"]).Json;
            Assert.AreEqual(call[^1].EndsWith("absent.pb", StringComparison.Ordinal) ? 6 : 0, (int)envelope["exitCode"]!,
                string.Join(' ', call));
        }
    }

    [TestMethod]
    public void Check_WrongEnvelopes_AreRefused()
    {
        JsonObject Good() => Ebspc.Run("explain", "EBSP1005", "--json").Json;
        Action<JsonObject>[] breaks =
        [
            envelope => envelope["schema"] = "ebspc/2",
            envelope => envelope.Remove("commit"),
            envelope => envelope["exitCode"] = "0",
            envelope => envelope["more"] = 1,
            envelope => envelope["result"]!["undocumented"] = 1,
            envelope => envelope["result"]!["code"] = 7,
            envelope => envelope["inputs"] = new JsonArray(new JsonObject { ["file"] = "a" }),
            envelope => envelope["inputs"] = new JsonArray(new JsonObject { ["file"] = "a", ["sha256"] = "xyz" }),
            envelope => envelope["diagnostics"] = new JsonArray(new JsonObject { ["severity"] = "bad" }),
        ];
        foreach (Action<JsonObject> damage in breaks)
        {
            JsonObject envelope = Good();
            damage(envelope);
            Assert.IsNotNull(Ebspc.Schema.Check(envelope), envelope.ToJsonString());
        }
    }
}

using System.Globalization;
using Ebsp.Json;
using Ebsp.TestKit;

namespace Ebsp.Build.Tasks.Tests;

/// <summary>What the task writes and reads, byte by byte.</summary>
[TestClass]
public sealed class TextsTests
{
    private static readonly JsonValue Facts =
        JsonReader.Read("""{"source":"a.onnx","bytes":38100,"machine":{"rows":66,"columns":73,"clockHz":500000000},"cycles":2486,"utilization":0.05121048147751109}""");

    [TestMethod]
    public void Manifest_OfAnItem_IsOneLineInAFixedOrder()
    {
        ModelItem item = Item(("Access", "public"), ("Namespace", "Größe.N"));
        Assert.AreEqual(
            """{"ebspModel":1,"file":"a.onnx","namespace":"Gr\u00f6\u00dfe.N","class":"AModel","access":"public","load":"embedded","resource":"RES","designTime":false,"facts":{"source":"a.onnx","bytes":38100,"machine":{"rows":66,"columns":73,"clockHz":500000000},"cycles":2486,"utilization":0.05121048147751109}}""".Replace("RES", item.Resource, StringComparison.Ordinal),
            Manifest.Of(item, Facts));
        StringAssert.Matches(item.Resource, new("^ebsp\\.[0-9a-f]{16}\\.ebsp$"));
    }

    [TestMethod]
    public void Manifest_AtDesignTimeAndAsAFile_SaysSo()
    {
        ModelItem item = Item(("LoadStrategy", "File"));
        StringAssert.Matches(item.Resource, new("^ebsp/AModel\\.[0-9a-f]{16}\\.ebsp$"));
        Assert.AreEqual($$"""{"ebspModel":1,"file":"a.onnx","namespace":"App","class":"AModel","access":"internal","load":"file","resource":"{{item.Resource}}","designTime":true,"facts":null}""", Manifest.Of(item, null));
    }

    [TestMethod]
    public void Request_OfTwoModels_HasTheCommandLinesOfBoth()
    {
        string text = Request.Of([new(Item(("Scale", "1/16"), ("Batch", "4")), "/t/0"), new(Item(("Report", "layers")), "/t/1")]);
        Assert.AreEqual("""{"request":1,"calls":[{"id":"0","arguments":["compile","/p/a.onnx","--scale","1/16","--batch","4","-o","/t/0/model.ebsp"]},{"id":"1","arguments":["compile","/p/a.onnx","--report","/t/1/layers.csv","-o","/t/1/model.ebsp"]}]}""", text);
    }

    [TestMethod]
    public void Answer_OfAnEnvelope_HasItsParts()
    {
        Answer answer = Answer.Read(
            """{"id":"0","schema":"ebspc/1","exitCode":3,"inputs":[{"file":"/p/a.onnx","sha256":"ab"}],"result":{"model":{"x":1},"warnings":[{"code":"EBSP2024","node":null,"cause":"w.","fix":"f."}]},"diagnostics":[{"severity":"error","code":"EBSP1002","file":"/p/a.onnx","node":"conv1","cause":"c.","fix":"f."}]}""")!;
        Assert.AreEqual("0", answer.Id);
        Assert.AreEqual(3, answer.ExitCode);
        Assert.AreEqual(new Finding("EBSP1002", "/p/a.onnx", "conv1: c. f."), answer.Findings.Single());
        Assert.AreEqual(new Finding("EBSP2024", null, "w. f."), answer.Warnings.Single());
        Assert.AreEqual("/p/a.onnx", answer.Inputs.Single().Key);
        Assert.AreEqual(1, answer.Facts!.Find("x")!.AsInt64());
    }

    [TestMethod]
    [DataRow("error: x")]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("[1]")]
    [DataRow("""{"schema":"ebspc/2","exitCode":0}""")]
    [DataRow("""{"schema":"ebspc/1","exitCode":0} trailing""")]
    public void Answer_OfAnyOtherLine_IsNone(string line) => Assert.IsNull(Answer.Read(line));

    [TestMethod]
    public void Summary_OfFacts_HasThreeDigitsAndUnits()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.AreEqual("a.onnx -> AModel: 2,486 cycles a run (4.97 us at 500 MHz), 5.12 % of 66 x 73 PEs, 38.1 KB",
                Summary.Of(Item(), Facts));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void HelpLink_OfACode_IsItsHeading()
    {
        HelpLink help = new(Path.Combine(Golden.RepositoryRoot, "docs/diagnostics.md"));
        Assert.EndsWith("docs/diagnostics.md#ebsp1002-not-a-model", help.Of("EBSP1002")!);
        Assert.StartsWith("file:///", help.Of("EBSP1002")!);
        Assert.IsNull(help.Of("EBSP0000"));
        Assert.IsNull(new HelpLink("/nowhere/a#b.md").Of("EBSP1002"));
    }

    [TestMethod]
    public void KeyOf_AnItem_KnowsContentAndOptionsButNotTheFolder()
    {
        InputFile[] files = [new("/p/a.onnx", 1, 2, "aa")], moved = [new("/q/a.onnx", 3, 4, "aa")],
            changed = [new("/p/a.onnx", 1, 2, "ab")];
        string key = ModelState.KeyOf(Item(), "tool", files);
        Assert.AreEqual(key, ModelState.KeyOf(Item(), "tool", moved));
        Assert.AreEqual(key, ModelState.KeyOf(Item(("ClassName", "Other"), ("LoadStrategy", "File"), ("Access", "public")), "tool", files));
        string[] others = [ModelState.KeyOf(Item(), "tool", changed), ModelState.KeyOf(Item(), "other", files),
            ModelState.KeyOf(Item(("Batch", "2")), "tool", files), ModelState.KeyOf(Item(("Report", "layers")), "tool", files)];
        Assert.HasCount(5, others.Append(key).Distinct());
    }

    private static ModelItem Item(params (string Name, string Value)[] metadata) =>
        ModelItem.Read(new ProjectFacts("/p", "App", "App"), "a.onnx", "/p/a.onnx", name =>
            metadata.FirstOrDefault(pair => pair.Name == name).Value ?? "", (_, _) => { });
}

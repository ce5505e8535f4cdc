using System.Text.Json.Nodes;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>Broken models in one batch: each has its diagnostic with file, cause and fix, and nothing is written.</summary>
[TestClass]
public sealed class BrokenModelTests
{
    [TestMethod]
    public void Batch_BrokenModels_EachSaysWhatItIsAndWhatToDo()
    {
        using TemporaryFolder folder = new();
        foreach (BrokenModel model in BrokenModels.All)
            model.Write(folder.FullName);
        (string, string[])[] calls =
            [.. BrokenModels.All.Select(model =>
            (model.File, (string[])[.. model.Arguments(folder.FullName), "-o", folder.File(model.File + ".ebsp")]))];
        CliResult result = BatchTests.Batch(folder, calls);
        string[] files = [.. Directory.GetFiles(folder.FullName)];
        JsonObject[] lines = BatchTests.Lines(result);
        Assert.HasCount(BrokenModels.All.Count, lines);
        Assert.IsGreaterThanOrEqualTo(15, lines.Length);
        List<string> wrong = [];
        foreach ((BrokenModel model, JsonObject line) in BrokenModels.All.Zip(lines))
        {
            JsonNode[] found = [.. line["diagnostics"]!.AsArray().Select(diagnostic => diagnostic!)];
            if (found.Length == 0
                || !found.All(diagnostic => (string?)diagnostic["code"] == model.Code
                && (string?)diagnostic["file"] == folder.File(model.About)
                && ((string)diagnostic["cause"]!).Contains(model.Says, StringComparison.Ordinal)
                    && ((string)diagnostic["fix"]!).Length > 20))
                wrong.Add($"{model.File} wants {model.Code} '{model.Says}': {line["exitCode"]} {line["diagnostics"]!.ToJsonString()}");
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.AreEqual((int)lines[0]["exitCode"]!, result.Exit);
        Assert.DoesNotContain("   at ", result.Out + result.Error);
        Assert.IsEmpty(files.Where(file => file.EndsWith(".ebsp", StringComparison.Ordinal)
            || file.EndsWith(".tmp", StringComparison.Ordinal)).ToArray());
        Assert.HasCount(2, lines[BrokenModels.All.ToList().FindIndex(model => model.File == "operators.onnx")]["diagnostics"]!.AsArray());
    }
}

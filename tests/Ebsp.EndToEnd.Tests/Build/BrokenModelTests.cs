using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Broken models as items of one project: each is an error with file, code, cause and fix, each time, and leaves nothing
/// behind.</summary>
[TestClass]
public sealed class BrokenModelTests
{
    private const string Good = "good.pb";

    [TestMethod]
    public void Build_BrokenModelsBesideAGoodOne_IsToldOfEachTimeAfterTime()
    {
        using Consumer consumer = new("broken");
        foreach (BrokenModel model in BrokenModels.All)
            model.Write(consumer.Folder);
        // Two names differ in nothing but the ending, which a class has not.
        consumer.WithIntegers(Good).Write("broken.csproj", Consumer.Project("", string.Concat(
            BrokenModels.All.Select((model, n) =>
                $"<EbspModel Include=\"{model.File}\" ClassName=\"Broken{n}\" " +
                $"{string.Join(' ', model.Options.Select(option => $"{option.Metadata}=\"{option.Value}\""))} />"))
            + $"<EbspModel Include=\"{Good}\" />"));
        consumer.Run("restore").Expect(0);

        BuildResult first = consumer.Build("--no-restore");
        Expect(consumer, first);
        CollectionAssert.AreEquivalent(BrokenModels.All.Select(model => model.File).Append(Good).ToArray(), first.Log.Compiled.ToArray());
        string[] files = Files(consumer);

        BuildResult second = consumer.Build("--no-restore");
        Expect(consumer, second);
        CollectionAssert.AreEquivalent(BrokenModels.All.Select(model => model.File).ToArray(), second.Log.Compiled.ToArray(),
            "the good model is not compiled again");
        CollectionAssert.AreEqual(first.Log.Errors.ToArray(), second.Log.Errors.ToArray());
        CollectionAssert.AreEqual(files, Files(consumer));

        // Without them the good one is all there is to build.
        consumer.Write("broken.csproj", Consumer.Project("", $"<EbspModel Include=\"{Good}\" />"));
        Assert.IsEmpty(consumer.Build("--no-restore").Succeeded().Log.Compiled);
    }

    private static void Expect(Consumer consumer, BuildResult result)
    {
        Assert.AreNotEqual(0, result.Exit, result.Out);
        Assert.IsEmpty(result.Log.Warnings, string.Join('\n', result.Log.Warnings));
        Assert.HasCount(1, result.Log.Commands, "all stale models are one process");
        Assert.AreEqual(0, result.Log.CompilerRuns);
        foreach (BrokenModel model in BrokenModels.All)
        {
            BuildIssue[] errors = [.. result.Log.Errors.Where(error => Path.GetFileName(error.File) == model.About)];
            Assert.IsNotEmpty(errors, $"{model.File}: {result.Out}");
            foreach (BuildIssue error in errors)
            {
                Assert.AreEqual(model.Code, error.Code, error.ToString());
                Assert.Contains("#" + model.Code.ToLowerInvariant(), error.HelpLink);
                Assert.IsTrue(File.Exists(new Uri(error.HelpLink).LocalPath), error.HelpLink);
                // The cause, then what to do: a sentence of its own.
                int cause = error.Text.IndexOf(model.Says, StringComparison.Ordinal);
                Assert.IsTrue(cause >= 0 && error.Text.IndexOf(". ", cause, StringComparison.Ordinal) is int end and > 0
                    && error.Text.Length > end + 20, error.ToString());
                // As a terminal, an editor and a build server read it.
                Assert.Contains($"{model.About} : error {model.Code}: {error.Text}", result.Out);
            }
        }

        string[] abouts = [.. BrokenModels.All.Select(model => model.About)];
        Assert.IsTrue(result.Log.Errors.All(error => abouts.Contains(Path.GetFileName(error.File))), string.Join('\n', result.Log.Errors));
        Assert.DoesNotContain("   at ", result.Out);
        Assert.DoesNotContain("   at ", string.Join('\n', result.Log.Messages));
        Assert.DoesNotContain("Exception", string.Join('\n', result.Log.Errors));

        string[] files = Files(consumer);
        Assert.HasCount(2, files.Where(file => file.EndsWith(".ebsp", StringComparison.Ordinal)).ToArray(),
            "the good model and its entry of the store: " + string.Join(' ', files));
        Assert.HasCount(1, files.Where(file => file.EndsWith(".ebspmodel.json", StringComparison.Ordinal)).ToArray());
        Assert.HasCount(1, files.Where(file => file.EndsWith(".state.json", StringComparison.Ordinal)).ToArray());
        Assert.IsEmpty(files.Where(file => file.Contains("tmp", StringComparison.Ordinal)
            || file.Contains("/temp/", StringComparison.Ordinal) || file.Contains("request", StringComparison.Ordinal)).ToArray());
        Assert.IsEmpty(Directory.GetFiles(consumer.File("bin"), "*", SearchOption.AllDirectories), "nothing comes out of a failed build");
    }

    // What our targets write: outputs and store, folders too.
    private static string[] Files(Consumer consumer) =>
    [
        .. new[] { "obj/Debug/net10.0/ebsp", "obj/ebsp" }.SelectMany(folder =>
            Directory.GetFileSystemEntries(consumer.File(folder), "*", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(consumer.Folder, file)).Order(StringComparer.Ordinal),
    ];
}

using System.IO.Compression;
using System.Text.RegularExpressions;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>The package of templates, used as README.md tells.</summary>
[TestClass]
public sealed partial class TemplateTests
{
    private const int MaxLines = 15;

    [TestMethod]
    public void Console_ByTheCommandsOfReadme_AnswersAndGoesAgain()
    {
        using Consumer consumer = new("template");
        string[] hive = ["--debug:custom-hive", consumer.File("hive")];
        string[][] commands = [.. File.ReadLines(TestData.Repository("README.md"))
            .SkipWhile(line => !line.StartsWith("dotnet new install ", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith("dotnet ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1..])];
        Assert.HasCount(3, commands);
        string[] install = commands[0], make = commands[1], run = commands[2];

        // The packages of a test run have a version and a folder of their own.
        Assert.AreEqual("feed/Ebsp.Templates.0.1.0.nupkg", install[^1]);
        install[^1] = Package;
        Assert.Contains("ebsp-console", consumer.Run([.. install, .. hive]).Expect(0).Out);
        consumer.Run([.. make, .. hive]).Expect(0);

        string[] files = ["ATTRIBUTION.md", "Program.cs", "digits-calibration.csv.gz", "digits.onnx", "hello.csproj"];
        CollectionAssert.AreEqual(files,
            Directory.EnumerateFiles(consumer.File("hello")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
            .ToArray());
        Assert.IsLessThanOrEqualTo(MaxLines, File.ReadAllLines(consumer.File("hello/Program.cs")).Length);
        BuildLog log = consumer.Build("hello").Succeeded().Log;
        Assert.AreEqual(1, log.CompilerRuns);
        Assert.MatchesRegex(Answer(), consumer.Run([.. run, "--no-build"]).Expect(0).Out);
        if (LongMode.On)
            consumer.Run("format", "hello", "--verify-no-changes", "--no-restore").Expect(0);

        consumer.Run(["new", "uninstall", "Ebsp.Templates", .. hive]).Expect(0);
        Assert.AreNotEqual(0, consumer.Run(["new", "ebsp-console", "-o", "again", .. hive]).Exit);
    }

    [TestMethod]
    public void Package_Files_AreTheTemplateWithTheSamplesModel()
    {
        const string content = "content/ebsp-console/";
        using ZipArchive package = ZipFile.OpenRead(Package);
        string[] expected = [".template.config/template.json", "ATTRIBUTION.md", "EbspConsole.csproj", "Program.cs",
            "digits-calibration.csv.gz", "digits.onnx"];
        CollectionAssert.AreEqual(expected.Select(name => content + name).ToArray(),
            package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("content/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal).ToArray());
        using (MemoryStream model = new())
        {
            using Stream entry = package.GetEntry(content + "digits.onnx")!.Open();
            entry.CopyTo(model);
            CollectionAssert.AreEqual(File.ReadAllBytes(DigitsModel.Onnx), model.ToArray());
        }

        using StreamReader project = new(package.GetEntry(content + "EbspConsole.csproj")!.Open());
        Assert.Contains($"<PackageReference Include=\"Ebsp.Build\" Version=\"{LocalFeed.Instance.Version}\" />", project.ReadToEnd());
    }

    private static string Package => Path.Combine(LocalFeed.Instance.Feed, $"Ebsp.Templates.{LocalFeed.Instance.Version}.nupkg");

    // Numbers as the user's culture writes them.
    [GeneratedRegex("^This is a 3\\. The accelerator takes 2\\D?486 cycles\\.\\s*$")]
    private static partial Regex Answer();
}

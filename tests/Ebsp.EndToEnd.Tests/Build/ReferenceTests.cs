using System.Xml.Linq;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>The package reached by a reference of the app's own, by a project and by a package; each app is run.</summary>
[TestClass]
public sealed class ReferenceTests
{
    private const string Library = """
        namespace Lib;

        /// <summary>What the app calls.</summary>
        public static class Reader
        {
            /// <summary>Scores of pictures.</summary>
            public static float[] Read(byte[] pixels) => DigitsModel.Load().Run(pixels);
        }
        """;

    private static readonly string AppProgram =
        DigitsUse.Program.Replace("DigitsModel.Load().Run(pixels)", "Lib.Reader.Read(pixels)", StringComparison.Ordinal);

    [TestMethod]
    public void Console_PackageAddedByDotnet_BuildsOnceAndAnswers()
    {
        using Consumer consumer = new("console");
        consumer.WithFloats().Write("Program.cs", DigitsUse.Program);
        consumer.Write("console.csproj",
            Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem)
            .Replace(Consumer.Reference, "", StringComparison.Ordinal));
        consumer.Run("add", "package", "Ebsp.Build", "--version", LocalFeed.Instance.Version).Expect(0);
        XElement reference = XDocument.Load(consumer.File("console.csproj")).Descendants("PackageReference").Single();
        CollectionAssert.AreEqual(new[] { "Include", "Version" },
            reference.Attributes().Select(attribute => attribute.Name.LocalName).ToArray());
        Assert.IsFalse(reference.HasElements, "a development dependency would not bring the run-time packages");

        BuildLog first = consumer.Build().Succeeded().Log;
        Assert.HasCount(1, first.Commands);
        Assert.AreEqual(1, first.CompilerRuns);
        consumer.ExpectAnswers("bin/Debug/net10.0/console.dll");

        BuildLog second = consumer.Build().Succeeded().Log;
        Assert.IsEmpty(second.Commands);
        Assert.AreEqual(0, second.CompilerRuns);
    }

    [TestMethod]
    public void Library_ReferencedAsProjectAndAsPackage_Answers()
    {
        using Consumer consumer = new("library");
        WriteLibrary(consumer, "");
        consumer.Write("direct/direct.csproj", App("<ProjectReference Include=\"../lib/lib.csproj\" />"))
            .Write("direct/Program.cs", AppProgram);
        consumer.Build("direct").Succeeded();
        consumer.ExpectAnswers("direct/bin/Debug/net10.0/direct.dll");

        consumer.MSBuild("pack", "lib", "-c", "Debug", "-o", consumer.File("feed")).Succeeded();
        consumer.Write("nuget.config", $"""
            <configuration>
              <packageSources><add key="library" value="{consumer.File("feed")}" /></packageSources>
              <packageSourceMapping><packageSource key="library"><package pattern="Digits.Lib" /></packageSource></packageSourceMapping>
            </configuration>
            """);
        consumer.Write("packaged/packaged.csproj",
            App($"<PackageReference Include=\"Digits.Lib\" Version=\"{LocalFeed.Instance.Version}\" />"))
            .Write("packaged/Program.cs", AppProgram);
        BuildLog log = consumer.Build("packaged").Succeeded().Log;
        Assert.IsEmpty(log.Commands);
        consumer.ExpectAnswers("packaged/bin/Debug/net10.0/packaged.dll");
    }

    [TestMethod]
    public void FileStrategy_ReferencingApp_FindsTheFileEverywhere()
    {
        using Consumer consumer = new("file");
        WriteLibrary(consumer, "LoadStrategy=\"File\"");
        consumer.Write("app/app.csproj", App("<ProjectReference Include=\"../lib/lib.csproj\" />")).Write("app/Program.cs", AppProgram);
        consumer.Build("app").Succeeded();
        consumer.ExpectAnswers("app/bin/Debug/net10.0/app.dll");
        consumer.MSBuild("publish", "app", "-c", "Debug", "-o", consumer.File("published")).Succeeded();
        consumer.MSBuild("publish", "app", "-c", "Debug", "-o", consumer.File("single"), "--use-current-runtime", "--no-self-contained",
            "-p:PublishSingleFile=true").Succeeded();
        BuildResult pack = consumer.MSBuild("pack", "lib", "-c", "Debug", "-o", consumer.File("feed")).Failed("EBSP6011");
        Assert.Contains("Embedded", pack.Log.Errors[0].Text);
        Assert.IsFalse(Directory.Exists(consumer.File("feed")) && Directory.EnumerateFiles(consumer.File("feed")).Any());

        Directory.Delete(consumer.File("app"), recursive: true);
        Directory.Delete(consumer.File("lib"), recursive: true);
        consumer.ExpectAnswers("published/app.dll");
        consumer.ExpectAnswers("single/" + (OperatingSystem.IsWindows() ? "app.exe" : "app"));
    }

    private static void WriteLibrary(Consumer consumer, string metadata) => consumer
        .WithIntegers("lib/digits.pb")
        .Write("lib/Reader.cs", Library)
        .Write("lib/lib.csproj", Consumer.Project(
            $"<RootNamespace>Lib</RootNamespace><PackageId>Digits.Lib</PackageId><Version>{LocalFeed.Instance.Version}</Version>" +
            "<Description>Digits</Description><PackageLicenseExpression>MIT</PackageLicenseExpression>",
            $"<EbspModel Include=\"digits.pb\" {metadata} />"));

    private static string App(string item) =>
        Consumer.Project("<OutputType>Exe</OutputType>", item).Replace(Consumer.Reference, "", StringComparison.Ordinal);
}

using System.Xml.Linq;
using Ebsp.TestKit;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Strict consumers, in one build: not a warning, and the model answers.</summary>
[TestClass]
public sealed class WarningTests
{
    private const string Strict =
        "<TreatWarningsAsErrors>true</TreatWarningsAsErrors><AnalysisMode>All</AnalysisMode>" +
        "<EnforceCodeStyleInBuild>true</EnforceCodeStyleInBuild>";

    [TestMethod]
    public void StrictConsumers_InOneBuild_HaveNoWarning()
    {
        using Consumer consumer = new("strict");
        string everything = Strict
            + "<GenerateDocumentationFile>true</GenerateDocumentationFile><CheckForOverflowUnderflow>true</CheckForOverflowUnderflow>";
        const string Public = """<EbspModel Include="../digits.pb" Access="public" />""";
        consumer.WithIntegers();
        Library(consumer, "documented", Consumer.Project(everything, Public));
        Library(consumer, "unannotated", Consumer.Project(everything + "<Nullable>disable</Nullable>", Public));
        Library(consumer, "listed", Consumer.Project(everything + "<ImplicitUsings>disable</ImplicitUsings>", Public));
        Library(consumer, "hidden", Consumer.Project(everything, """<EbspModel Include="../digits.pb" />"""));
        Library(consumer, "net8", Consumer.Project(everything, Public, "net8.0"));
        Library(consumer, "global", Consumer.Project(everything + "<RootNamespace></RootNamespace>", Public));
        Library(consumer, "central",
            Consumer.Project(everything
            + "<ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>"
            + "<CentralPackageTransitivePinningEnabled>true</CentralPackageTransitivePinningEnabled>", Public)
            .Replace($" Version=\"{LocalFeed.Instance.Version}\"", "", StringComparison.Ordinal));
        consumer.Write("central/Directory.Packages.props",
            $"""<Project><ItemGroup><PackageVersion Include="Ebsp.Build" Version="{LocalFeed.Instance.Version}" /></ItemGroup></Project>""");
        WriteTestProject(consumer);

        consumer.Write("all.proj", PlaceTests.Traversal("**/*.csproj"));
        BuildLog log = consumer.Build("all.proj", "-m:2").Succeeded().Log;
        Assert.AreEqual(9, log.CompilerRuns);
        ProcessResult tests =
            DotNet.Run(consumer.Folder, LocalFeed.Instance.Environments, "exec", consumer.File("tests/bin/Debug/net10.0/tests.dll"))
            .Expect(0);
        Assert.Contains("succeeded: 1", tests.Out);
    }

    private static void Library(Consumer consumer, string name, string project) => consumer
        .Write($"{name}/{name}.csproj", project)
        .Write($"{name}/Use.cs", $$"""
            // Says what a user's own strict code has to say, and no more.
            namespace Own
            {
                /// <summary>Uses the model.</summary>
                internal static class Use
                {
                    /// <summary>Its classes.</summary>
                    internal static int Classes => {{(name == "global" ? "" : name + ".")}}DigitsModel.OutputChannels;
                }
            }

            """);

    // As a user's test project: the model is internal, the tests see it through InternalsVisibleTo.
    private static void WriteTestProject(Consumer consumer)
    {
        consumer.Write("tested/tested.csproj",
            Consumer.Project(Strict, """<EbspModel Include="../digits.pb" /><InternalsVisibleTo Include="tests" />"""));
        XDocument versions = XDocument.Load(Path.Combine(Golden.RepositoryRoot, "Directory.Packages.props"));
        string version = versions.Descendants("PackageVersion").Single(item => item.Attribute("Include")!.Value == "MSTest")
            .Attribute("Version")!.Value;
        consumer.Write("tests/tests.csproj", Consumer.Project(
            "<TreatWarningsAsErrors>true</TreatWarningsAsErrors><OutputType>Exe</OutputType><EnableMSTestRunner>true</EnableMSTestRunner>",
            $"""<ProjectReference Include="../tested/tested.csproj" /><PackageReference Include="MSTest" Version="{version}" />""")
                .Replace(Consumer.Reference, "", StringComparison.Ordinal));
        consumer.Write("tests/DigitsTests.cs", """
            using Microsoft.VisualStudio.TestTools.UnitTesting;

            [assembly: DoNotParallelize]

            [TestClass]
            public sealed class DigitsTests
            {
                [TestMethod]
                public void Run_OnePicture_GivesAScoreAClass() => Assert.HasCount(10, tested.DigitsModel.Load().Run(new byte[64]));
            }
            """);
    }
}

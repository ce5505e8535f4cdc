using System.Security.Cryptography;
using System.Text;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Odd folders, names and cultures.</summary>
[TestClass]
public sealed class PlaceTests
{
    private static readonly string[] Folders =
    [
        "sp ace", "ünïcødé", "日本語", "a@b", "a#b", "a;b", "a$(x)b", "a'b", "a(b)", "a&b", "a+b", "a,b", "a=b", "a🙂b", "a!b", "a[b]", "a{b}",
            new string('n', 200),
    ];

    [TestMethod]
    public void Folders_WithOddNames_BuildTheSameModel()
    {
        using Consumer consumer = new("places");
        foreach (string folder in Folders)
        {
            consumer.WithIntegers(folder + "/digits.pb").Write(folder + "/Program.cs", DigitsUse.Program);
            consumer.Write(folder + "/odd.csproj", Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.IntegerItem));
        }

        consumer.Write("all.proj", Traversal("**/*.csproj"));
        BuildLog log = consumer.Build("all.proj", "-m:2").Succeeded().Log;
        Assert.HasCount(Folders.Length, log.Commands);
        Assert.AreEqual(Folders.Length, log.CompilerRuns);
        HashSet<string> blobs = [];
        foreach (string folder in Folders)
        {
            string output = Directory.GetFiles(consumer.File(folder + "/obj/Debug/net10.0/ebsp"), "*.ebsp").Single();
            blobs.Add(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(output))));
        }

        Assert.HasCount(1, blobs);
        consumer.ExpectAnswers(Folders[0] + "/bin/Debug/net10.0/odd.dll");
        consumer.ExpectAnswers(Folders[^1] + "/bin/Debug/net10.0/odd.dll");

        Assert.IsEmpty(consumer.Build("all.proj", "-m:2").Succeeded().Log.Commands);
    }

    [TestMethod]
    public void Projects_WithOddNames_BuildAndAnswer()
    {
        using Consumer consumer = new("names");
        string[] names = ["my-app", "2048-game", "System", "event"];
        foreach (string name in names)
        {
            consumer.WithIntegers(name + "/digits.pb").Write(name + "/Program.cs", DigitsUse.Program);
            // No app can have the name of an assembly of the framework; a project can.
            consumer.Write($"{name}/{name}.csproj",
                Consumer.Project($"<OutputType>Exe</OutputType><AssemblyName>{name}-app</AssemblyName>", DigitsUse.IntegerItem));
        }

        consumer.Write("all.proj", Traversal("**/*.csproj"));
        Assert.HasCount(names.Length, consumer.Build("all.proj", "-m:2").Succeeded().Log.Commands);
        foreach (string name in names)
            consumer.ExpectAnswers($"{name}/bin/Debug/net10.0/{name}-app.dll");
    }

    [TestMethod]
    public void Models_WhoseNamesDifferInCaseAlone_NeedAClassNameEach()
    {
        using Consumer consumer = new("cases");
        consumer.Write("a.pb", DigitsUse.IntegerVariant('a')).Write("A.pb", DigitsUse.IntegerVariant('A'));
        if (Directory.GetFiles(consumer.Folder, "*.pb").Length == 1)
            Assert.Inconclusive("This file system does not tell a.pb from A.pb.");
        consumer.Write("Program.cs", "Console.WriteLine(Lower.SourceFile + Upper.SourceFile);");
        consumer.Write("cases.csproj", Consumer.Project("<OutputType>Exe</OutputType>", """<EbspModel Include="a.pb;A.pb" />"""));
        BuildResult clash = consumer.Build();
        Assert.AreNotEqual(0, clash.Exit);
        BuildIssue error = clash.Log.Errors[0];
        Assert.AreEqual("EBSP6006", error.Code);
        Assert.Contains("a.pb", error.Text + error.File);
        Assert.Contains("A.pb", error.Text + error.File);

        consumer.Write("cases.csproj",
            Consumer.Project("<OutputType>Exe</OutputType>",
            """<EbspModel Include="a.pb" ClassName="Lower" /><EbspModel Include="A.pb" ClassName="Upper" />"""));
        consumer.Build().Succeeded();
        Assert.AreEqual("a.pbA.pb", consumer.Run("exec", "bin/Debug/net10.0/cases.dll").Expect(0).Out.Trim());
    }

    [TestMethod]
    public void Culture_Turkish_GivesTheSameFiles()
    {
        using Consumer consumer = new("culture");
        consumer.WithIntegers("image_index.pb").Write("Program.cs", "Console.WriteLine(typeof(ImageIndexModel).FullName);");
        consumer.Write("iIi.csproj",
            Consumer.Project("<OutputType>Exe</OutputType>",
            """<EbspModel Include="image_index.pb" Access="internal" LoadStrategy="embedded" />"""));
        consumer.Build().Succeeded();
        string invariant = Outputs(consumer);
        Directory.Delete(consumer.File("obj"), recursive: true);
        consumer.MSBuild(new Dictionary<string, string> { ["LC_ALL"] = "tr_TR.UTF-8", ["DOTNET_CLI_UI_LANGUAGE"] = "tr-TR",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0" }, "build").Succeeded();
        Assert.AreEqual(invariant, Outputs(consumer));
        Assert.AreEqual("iIi.ImageIndexModel", consumer.Run("exec", "bin/Debug/net10.0/iIi.dll").Expect(0).Out.Trim());
    }

    [TestMethod]
    public void ReadOnlySources_WithArtifactsPath_AreLeftAlone()
    {
        using Consumer consumer = new("readonly");
        consumer.WithFloats("source").Write("source/Program.cs", DigitsUse.Program);
        consumer.Write("source/app.csproj", Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem));
        string[] files = Directory.GetFileSystemEntries(consumer.File("source"), "*", SearchOption.AllDirectories);
        foreach (string file in files)
            File.SetAttributes(file, FileAttributes.ReadOnly);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(consumer.File("source"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        consumer.Build("source", "--artifacts-path", consumer.File("artifacts")).Succeeded();
        consumer.ExpectAnswers("artifacts/bin/app/debug/app.dll");
        Assert.IsEmpty(consumer.Build("source", "--artifacts-path", consumer.File("artifacts")).Succeeded().Log.Commands);
        CollectionAssert.AreEquivalent(files, Directory.GetFileSystemEntries(consumer.File("source"), "*", SearchOption.AllDirectories));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(consumer.File("source"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>A project that restores, then builds all others in one build.</summary>
    internal static string Traversal(string projects) => $"""
        <Project DefaultTargets="Build">
          <ItemGroup><Projects Include="{projects}" /></ItemGroup>
          <Target Name="Restore"><MSBuild Projects="@(Projects)" Targets="Restore" Properties="Traversed=1" BuildInParallel="true" /></Target>
          <Target Name="Build"><MSBuild Projects="@(Projects)" BuildInParallel="true" /></Target>
        </Project>
        """;

    private static string Outputs(Consumer consumer)
    {
        StringBuilder text = new();
        foreach (string file in Directory.GetFiles(consumer.File("obj/Debug/net10.0/ebsp"))
            .Where(file => !file.EndsWith(".state.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            text.AppendLine($"{Path.GetFileName(file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}");
        return text.ToString();
    }
}

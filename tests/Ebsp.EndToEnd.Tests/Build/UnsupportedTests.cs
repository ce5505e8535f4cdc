namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Projects in which the item cannot work: each is told so by an error of its own.</summary>
[TestClass]
public sealed class UnsupportedTests
{
    [TestMethod]
    public void Projects_ThatCannotUseTheItem_FailWithACodeAndAFix()
    {
        using Consumer consumer = new("unsupported");
        consumer.WithIntegers();
        const string Item = """<EbspModel Include="../digits.pb" />""";
        consumer.Write("fsharp/fsharp.fsproj", Consumer.Project("", Item + """<Compile Include="Use.fs" />"""))
            .Write("fsharp/Use.fs", "module Use\nlet one = 1\n");
        consumer.Write("basic/basic.vbproj", Consumer.Project("", Item)).Write("basic/Use.vb", "Public Module Use\nEnd Module\n");
        // This SDK takes a package's analyzers in spite of ExcludeAssets="analyzers"; others, and targets of users, do not.
        consumer.Write("excluded/excluded.csproj",
            Consumer.Project("", Item
            + """</ItemGroup><Target Name="NoAnalyzers" AfterTargets="ResolveLockFileAnalyzers"><ItemGroup><Analyzer Remove="@(Analyzer)" /></ItemGroup></Target><ItemGroup>"""));
        consumer.Write("standard/standard.csproj", Consumer.Project("<LangVersion>latest</LangVersion>", Item, "netstandard2.0"));
        consumer.Write("old/old.csproj", Consumer.Project("", Item, "net8.0"));
        consumer.Write("empty/empty.fsproj", Consumer.Project("", """<Compile Include="Use.fs" />"""))
            .Write("empty/Use.fs", "module Use\nlet one = 1\n");
        consumer.Write("all.proj", """
            <Project DefaultTargets="Build">
              <ItemGroup>
                <Projects Include="**/*.*proj" Exclude="all.proj" />
                <Projects Update="old/old.csproj" AdditionalProperties="BundledNETCoreAppTargetFrameworkVersion=8.0" />
              </ItemGroup>
              <Target Name="Restore"><MSBuild Projects="@(Projects)" Targets="Restore" Properties="Restoring=1" /></Target>
              <Target Name="Build"><MSBuild Projects="@(Projects)" /></Target>
            </Project>
            """);
        BuildResult result = consumer.Build("all.proj");
        Assert.AreNotEqual(0, result.Exit);
        Assert.IsEmpty(result.Log.Warnings, string.Join('\n', result.Log.Warnings));
        Assert.IsLessThanOrEqualTo(1, result.Log.Commands.Count, "only where the analyzers are known last a model is compiled");
        string[] told = [.. result.Log.Errors.Select(error => $"{Path.GetFileNameWithoutExtension(error.Project)} {error.Code}")
            .Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(new[] { "basic EBSP6009", "excluded EBSP6010", "fsharp EBSP6009", "old EBSP6007", "standard EBSP6008" },
            told, string.Join('\n', result.Log.Errors));
        foreach (BuildIssue error in result.Log.Errors)
            Assert.Contains("#" + error.Code.ToLowerInvariant(), error.HelpLink);
    }
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ebsp.SourceGen.Tests.Kit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ebsp.SourceGen.Tests;

[TestClass]
public sealed class IncrementalTests
{
    private const int Models = 50;
    private static readonly string[] Steps =
        [ModelGenerator.TextsStep, ModelGenerator.ManifestsStep, ModelGenerator.ClashesStep, ModelGenerator.SourcesStep];

    [TestMethod]
    public void Edit_OfAnotherFile_MakesNothingAnew()
    {
        AdditionalText[] texts = [.. Manifests(), new ManifestText("/broken.json", "{"), new ManifestText("/other.txt", "text", null)];
        CSharpCompilation compilation = Generators.Compilation("class A { }");
        GeneratorDriver driver = Generators.Driver(texts).RunGenerators(compilation);
        driver = driver.RunGenerators(Edited(compilation, "class B { int x; }"));
        CheckAll(driver, IncrementalStepRunReason.Cached);

        // What an editor does besides: new options of the same content, another text that is no manifest, new references.
        driver = driver.WithUpdatedAnalyzerConfigOptions(Generators.NewOptions())
            .ReplaceAdditionalText(texts[^1], new ManifestText("/other.txt", "other", null));
        driver = driver.RunGenerators(
            compilation.AddReferences(MetadataReference.CreateFromFile(typeof(IncrementalTests).Assembly.Location)));
        CheckAll(driver, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged);
    }

    [TestMethod]
    public void Edit_OfOneManifest_MakesItsClassAloneAnew()
    {
        AdditionalText[] texts = [.. Manifests()];
        CSharpCompilation compilation = Generators.Compilation();
        GeneratorDriver driver = Generators.Driver(texts).RunGenerators(compilation);
        driver = driver.ReplaceAdditionalText(texts[17], ManifestText.Of(Manifest(17) with { InputName = "other" }))
            .RunGenerators(compilation);
        foreach (string step in new[] { ModelGenerator.TextsStep, ModelGenerator.ManifestsStep, ModelGenerator.SourcesStep })
        {
            IncrementalStepRunReason[] reasons = Reasons(driver, step);
            Assert.HasCount(Models, reasons, step);
            Assert.AreEqual(1, reasons.Count(reason => reason == IncrementalStepRunReason.Modified), step);
            Assert.AreEqual(Models - 1, reasons.Count(reason => reason == IncrementalStepRunReason.Cached), step);
        }

        Assert.AreEqual(IncrementalStepRunReason.Unchanged, Reasons(driver, ModelGenerator.ClashesStep).Single());
        Assert.Contains("\"other\"", Result(driver).GeneratedSources[17].SourceText.ToString());
    }

    [TestMethod]
    public void Edit_OfAManifestsSpelling_LeavesTheClass()
    {
        AdditionalText[] texts = [.. Manifests()];
        CSharpCompilation compilation = Generators.Compilation();
        GeneratorDriver driver = Generators.Driver(texts).RunGenerators(compilation);
        driver = driver.ReplaceAdditionalText(texts[17],
            new ManifestText(Manifest(17).Path, Manifest(17).Json().Replace(",", ", ", StringComparison.Ordinal)))
            .RunGenerators(compilation);
        Assert.AreEqual(IncrementalStepRunReason.Modified, Reasons(driver, ModelGenerator.TextsStep)[17]);
        Assert.AreEqual(IncrementalStepRunReason.Unchanged, Reasons(driver, ModelGenerator.ManifestsStep)[17]);
        Assert.IsTrue(Reasons(driver, ModelGenerator.SourcesStep).All(reason => reason == IncrementalStepRunReason.Cached));
    }

    [TestMethod]
    public void Edit_ThatAddsAndRemovesModels_LeavesTheOthers()
    {
        AdditionalText[] texts = [.. Manifests()];
        CSharpCompilation compilation = Generators.Compilation();
        GeneratorDriver driver = Generators.Driver(texts).RunGenerators(compilation);
        driver = driver.AddAdditionalTexts([ManifestText.Of(Manifest(Models))]).RunGenerators(compilation);
        Assert.AreEqual(Models, Reasons(driver, ModelGenerator.SourcesStep).Count(reason => reason == IncrementalStepRunReason.Cached));
        Assert.HasCount(Models + 1, Result(driver).GeneratedSources);
        driver = driver.RemoveAdditionalTexts([texts[Models - 1]]).RunGenerators(compilation);
        Assert.HasCount(Models, Result(driver).GeneratedSources);
        Assert.AreEqual(Models, Reasons(driver, ModelGenerator.SourcesStep).Count(reason => reason == IncrementalStepRunReason.Cached));

        // A class made twice, and mended.
        AdditionalText twice = ManifestText.Of(Manifest(3) with { Path = "/twice.json" });
        driver = driver.AddAdditionalTexts([twice]).RunGenerators(compilation);
        Assert.AreEqual("EBSP6105", Result(driver).Diagnostics.Single().Id);
        Assert.HasCount(Models - 1, Result(driver).GeneratedSources);
        driver = driver.RemoveAdditionalTexts([twice]).RunGenerators(compilation);
        Assert.IsEmpty(Result(driver).Diagnostics);
        Assert.HasCount(Models, Result(driver).GeneratedSources);
    }

    [TestMethod]
    public void Edits_InARow_HoldNoOldCompilation()
    {
        (GeneratorDriver driver, WeakReference first) = EditOften(100);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.IsFalse(first.IsAlive);
        Assert.HasCount(Models, Result(driver).GeneratedSources);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (GeneratorDriver Driver, WeakReference First) EditOften(int edits)
    {
        CSharpCompilation compilation = Generators.Compilation("class A0 { }");
        WeakReference first = new(compilation);
        GeneratorDriver driver = Generators.Driver(Manifests()).RunGenerators(compilation);
        for (int edit = 1; edit <= edits; edit++)
        {
            compilation = Edited(compilation, $"class A{edit} {{ }}");
            driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out _, out _);
        }

        return (driver, first);
    }

    private static CSharpCompilation Edited(CSharpCompilation compilation, string source) =>
        compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[0], CSharpSyntaxTree.ParseText(source, Generators.Parse));

    private static SampleManifest Manifest(int i) => new() { Path = $"/obj/m{i}.json", Class = $"M{i}Model", File = $"m{i}.onnx" };

    private static IEnumerable<AdditionalText> Manifests() => Enumerable.Range(0, Models).Select(Manifest).Select(ManifestText.Of);

    private static GeneratorRunResult Result(GeneratorDriver driver) => driver.GetRunResult().Results.Single();

    private static IncrementalStepRunReason[] Reasons(GeneratorDriver driver, string step) =>
        [.. Result(driver).TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Reason)
            .Where(reason => reason != IncrementalStepRunReason.Removed)];

    private static void CheckAll(GeneratorDriver driver, params IncrementalStepRunReason[] allowed)
    {
        foreach (string step in Steps)
        {
            IncrementalStepRunReason[] reasons = Reasons(driver, step);
            Assert.IsNotEmpty(reasons, step);
            Assert.IsTrue(reasons.All(allowed.Contains), $"{step}: {string.Join(", ", reasons)}");
        }

        IncrementalGeneratorRunStep[] outputs = [.. Result(driver).TrackedOutputSteps.SelectMany(step => step.Value)];
        Assert.IsGreaterThan(Models, outputs.Length);
        Assert.IsTrue(outputs.SelectMany(run => run.Outputs).All(output => allowed.Contains(output.Reason)));
    }
}

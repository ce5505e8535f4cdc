using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Ebsp.SourceGen.Tests.Kit;

/// <summary>Runs the generator within a compiler, as a build does.</summary>
internal static class Generators
{
    /// <summary>The framework's assemblies and those of this test, Ebsp.Emulator among them.</summary>
    public static ImmutableArray<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is string name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Ebsp.Emulator", StringComparison.Ordinal)
                || name.StartsWith("Ebsp.Isa.", StringComparison.Ordinal) || name is "netstandard.dll" or "mscorlib.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpParseOptions Parse { get; } = new(LanguageVersion.CSharp12, DocumentationMode.Diagnose);

    public static CSharpCompilationOptions Options { get; } =
        new(OutputKind.DynamicallyLinkedLibrary, warningLevel: 9999, generalDiagnosticOption: ReportDiagnostic.Error,
            nullableContextOptions: NullableContextOptions.Enable);

    // Compilations that differ in their sources alone share what they know of the references.
    private static readonly CSharpCompilation Empty = NewCompilation("", null, null);

    public static CSharpCompilation Compilation(string source = "", CSharpParseOptions? parse = null,
        CSharpCompilationOptions? options = null) =>
        source.Length == 0 && parse is null && options is null ? Empty : NewCompilation(source, parse, options);

    private static CSharpCompilation NewCompilation(string source, CSharpParseOptions? parse, CSharpCompilationOptions? options) =>
        CSharpCompilation.Create("App", [CSharpSyntaxTree.ParseText(source, parse ?? Parse, "App.cs", Encoding.UTF8)], References, options
            ?? Options);

    public static CSharpGeneratorDriver Driver(IEnumerable<AdditionalText> texts, CSharpParseOptions? parse = null) =>
        CSharpGeneratorDriver.Create(
            [new ModelGenerator().AsSourceGenerator()],
            texts,
            parse ?? Parse,
            new ManifestOptions(),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Options of the same content in another object.</summary>
    public static AnalyzerConfigOptionsProvider NewOptions() => new ManifestOptions();

    /// <summary>What the generator gives for manifests; fails on an exception in it.</summary>
    public static GeneratorRunResult Run(params IEnumerable<SampleManifest> manifests) => Run(manifests.Select(ManifestText.Of));

    public static GeneratorRunResult Run(IEnumerable<AdditionalText> texts)
    {
        GeneratorRunResult result = Driver(texts).RunGenerators(Compilation()).GetRunResult().Results.Single();
        Assert.IsNull(result.Exception, result.Exception?.ToString());
        return result;
    }

    /// <summary>A compilation with what the generator gives; nothing is asserted of it.</summary>
    public static Compilation Compile(IEnumerable<SampleManifest> manifests, string source = "", CSharpParseOptions? parse = null,
        CSharpCompilationOptions? options = null)
    {
        Driver(manifests.Select(ManifestText.Of), parse)
            .RunGeneratorsAndUpdateCompilation(Compilation(source, parse, options), out Compilation compilation,
                out ImmutableArray<Diagnostic> found);
        Assert.IsEmpty(found, string.Join('\n', found));
        return compilation;
    }

    /// <summary>Fails unless the compiler has nothing to say.</summary>
    public static void CheckCompiles(Compilation compilation, string about = "")
    {
        Diagnostic[] found = [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Hidden)];
        Assert.IsEmpty(found,
            $"{about}\n{string.Join('\n', found.Take(5))}\n" +
            $"{string.Join('\n', compilation.SyntaxTrees.Skip(1).Select(tree => tree.ToString()))}");
    }

    /// <summary>What the compiler says of each file: that those of <see cref="ManifestText"/> are manifests.</summary>
    private sealed class ManifestOptions : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Metadata(null);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Metadata((textFile as ManifestText)?.Metadata);
    }

    private sealed class Metadata(string? value) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, out string value1)
        {
            value1 = value ?? "";
            return value is not null && key == "build_metadata.AdditionalFiles.EbspManifest";
        }
    }
}

/// <summary>A manifest in memory.</summary>
internal sealed class ManifestText(string path, string? text, string? metadata = "true") : AdditionalText
{
    public string? Metadata { get; } = metadata;

    public override string Path { get; } = path;

    public static AdditionalText Of(SampleManifest manifest) => new ManifestText(manifest.Path, manifest.Json());

    public override SourceText? GetText(CancellationToken cancellationToken = default) => text is null
        ? null
        : SourceText.From(text, Encoding.UTF8);
}

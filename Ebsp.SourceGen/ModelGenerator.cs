using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Ebsp.SourceGen;

/// <summary>
/// Makes a typed class of each model's manifest: the additional files whose metadata EbspManifest is true. Everything between the steps is
/// equal by value, so an edit elsewhere, or of one manifest of many, makes nothing else anew.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModelGenerator : IIncrementalGenerator
{
    /// <summary>Tracked step: path and text of each manifest.</summary>
    internal const string TextsStep = "EbspTexts";

    /// <summary>Tracked step: each manifest read, or refused.</summary>
    internal const string ManifestsStep = "EbspManifests";

    /// <summary>Tracked step: names that two models claim.</summary>
    internal const string ClashesStep = "EbspClashes";

    /// <summary>Tracked step: the C# text of each class.</summary>
    internal const string SourcesStep = "EbspSources";

    private const string Metadata = "build_metadata.AdditionalFiles.EbspManifest";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ManifestText> texts = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Where(pair => IsManifest(pair.Right.GetOptions(pair.Left)))
            .Select((pair, cancellation) => new ManifestText(pair.Left.Path, pair.Left.GetText(cancellation)?.ToString()))
            .WithTrackingName(TextsStep);
        IncrementalValuesProvider<ManifestResult> results = texts
            .Select((text, _) => ManifestReader.Read(text.Path, text.Text))
            .WithTrackingName(ManifestsStep);
        IncrementalValueProvider<EquatableArray<Clash>> clashes = results
            .Collect()
            .Select((all, _) => Clashes.Find(all))
            .WithTrackingName(ClashesStep);
        IncrementalValuesProvider<Source> sources = results
            .Where(result => result.Manifest is not null)
            .Combine(clashes)
            .Where(pair => !pair.Right.Any(clash => clash.FullName == pair.Left.Manifest!.FullName))
            .Select((pair, _) => new Source(HintName.Of(pair.Left.Manifest!), ClassWriter.Write(pair.Left.Manifest!)))
            .WithTrackingName(SourcesStep);

        context.RegisterSourceOutput(sources, (output, source) =>
            output.AddSource(source.HintName, SourceText.From(source.Text, Encoding.UTF8)));
        context.RegisterSourceOutput(results, (output, result) =>
        {
            if (result.Finding is not null)
                output.ReportDiagnostic(result.Finding.ToDiagnostic());
        });
        context.RegisterSourceOutput(clashes, (output, all) =>
        {
            foreach (Clash clash in all)
                output.ReportDiagnostic(clash.Finding.ToDiagnostic());
        });
    }

    private static bool IsManifest(AnalyzerConfigOptions options) =>
        options.TryGetValue(Metadata, out string? value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private sealed record ManifestText(string Path, string? Text);

    private sealed record Source(string HintName, string Text);
}

using Microsoft.CodeAnalysis;

namespace Ebsp.SourceGen;

/// <summary>The codes of the generator.</summary>
internal static class GeneratorDiagnostics
{
    /// <summary>No manifest, or a damaged one.</summary>
    public const string Manifest = "EBSP6101";

    /// <summary>A manifest of another version.</summary>
    public const string Version = "EBSP6102";

    /// <summary>A name that cannot be the class's or the namespace's.</summary>
    public const string Name = "EBSP6103";

    /// <summary>A name that is too long.</summary>
    public const string Length = "EBSP6104";

    /// <summary>One name for two things.</summary>
    public const string Clash = "EBSP6105";

    private static readonly Dictionary<string, DiagnosticDescriptor> Rows = new DiagnosticDescriptor[]
    {
        Row(Manifest, "Manifest of a model damaged", "the manifest of a model is not as the build writes it: {0}. Delete the obj folder and build again."),
        Row(Version, "Manifest of another version", "the manifest of a model has version {0}; this generator reads 1. Delete the obj folder and build again with one version of Ebsp.Build."),
        Row(Name, "Name of a class or namespace not usable", "{0}. Set ClassName or Namespace of the EbspModel item to a C# identifier that is no keyword."),
        Row(Length, "Name too long", "{0}. Shorten the name."),
        Row(Clash, "One name for two models", "{0}. Give one of the EbspModel items another ClassName or Namespace."),
    }.ToDictionary(row => row.Id, StringComparer.Ordinal);

    /// <summary>The row of a code.</summary>
    public static DiagnosticDescriptor Find(string code) => Rows[code];

    private static DiagnosticDescriptor Row(string code, string title, string message) =>
        new(code, title, message, "EBSP", DiagnosticSeverity.Error, isEnabledByDefault: true);
}

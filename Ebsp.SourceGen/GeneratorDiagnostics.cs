using Ebsp.Build;
using Microsoft.CodeAnalysis;

namespace Ebsp.SourceGen;

/// <summary>The codes of the generator, of the build's table, as the compiler wants them.</summary>
internal static class GeneratorDiagnostics
{
    /// <summary>No manifest, or a damaged one.</summary>
    public static readonly string Manifest = BuildDiagnostics.ManifestDamaged.Code;

    /// <summary>A manifest of another version.</summary>
    public static readonly string Version = BuildDiagnostics.ManifestVersion.Code;

    /// <summary>A name that cannot be the class's or the namespace's.</summary>
    public static readonly string Name = BuildDiagnostics.NameRefused.Code;

    /// <summary>A name that is too long.</summary>
    public static readonly string Length = BuildDiagnostics.NameTooLong.Code;

    /// <summary>One name for two things.</summary>
    public static readonly string Clash = BuildDiagnostics.NameClash.Code;

    private static readonly Dictionary<string, DiagnosticDescriptor> Rows = BuildDiagnostics.All.ToDictionary(
        row => row.Code,
        row => new DiagnosticDescriptor(row.Code, row.Title, $"{row.Cause} {row.Fix}", "EBSP", DiagnosticSeverity.Error,
            isEnabledByDefault: true),
        StringComparer.Ordinal);

    /// <summary>The row of a code.</summary>
    public static DiagnosticDescriptor Find(string code) => Rows[code];
}

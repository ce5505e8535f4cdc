using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Ebsp.Build.Tasks;

/// <summary>Refuses a project whose analyzers lack the source generator.</summary>
public sealed class RequireGenerator : Task
{
    private const string Generator = "Ebsp.SourceGen";

    /// <summary>Full path of the project file: the place of the error.</summary>
    public string? ProjectFile { get; set; }

    /// <summary>The project's Analyzer items.</summary>
    public ITaskItem[] Analyzers { get; set; } = [];

    /// <summary>Full path of diagnostics.md, for the help link.</summary>
    public string DiagnosticsPage { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        if (Analyzers.Any(analyzer => Path.GetFileNameWithoutExtension(analyzer.ItemSpec) == Generator))
            return true;
        BuildDiagnostic row = BuildDiagnostics.GeneratorMissing;
        Log.LogError(null, row.Code, null, new HelpLink(DiagnosticsPage).Of(row.Code), ProjectFile, 0, 0, 0, 0, "{0}", row.Text());
        return false;
    }
}

using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Ebsp.Build.Tasks;

/// <summary>Refuses to pack a project with models that lie beside its assembly: they would stay behind.</summary>
public sealed class RefusePackedFiles : Task
{
    /// <summary>The EbspModel items.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Full path of diagnostics.md, for the help link.</summary>
    public string DiagnosticsPage { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        BuildDiagnostic row = BuildDiagnostics.PackedFile;
        foreach (ITaskItem model in Models.Where(model =>
            model.GetMetadata("LoadStrategy").Trim().Equals("File", StringComparison.OrdinalIgnoreCase)))
            Log.LogError(null, row.Code, null, new HelpLink(DiagnosticsPage).Of(row.Code), model.ItemSpec, 0, 0, 0, 0, "{0}", row.Text());
        return !Log.HasLoggedErrors;
    }
}

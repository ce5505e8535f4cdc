using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Ebsp.Build.Tasks;

/// <summary>Deletes the outputs of one framework and configuration, and from the store what nobody else wants.</summary>
public sealed class CleanModels : Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource cancellation = new();

    /// <summary>Full path of the project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>Folder of this framework's and configuration's intermediate files.</summary>
    [Required]
    public string IntermediateOutputPath { get; set; } = "";

    /// <summary>Folder of the store.</summary>
    [Required]
    public string StorePath { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            OutputFolder outputs = new(ProjectDirectory, IntermediateOutputPath);
            outputs.Clear();
            new ModelStore(Path.GetFullPath(Path.Combine(ProjectDirectory, StorePath)), cancellation.Token).Forget(outputs.FullPath);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As with the files that MSBuild cleans itself: what is not deleted is no reason to fail.
            Log.LogWarning(null, BuildDiagnostics.OutputNotWritten.Code, null, null, 0, 0, 0, 0, "{0}",
                BuildDiagnostics.OutputNotWritten.Text(e.Message.TrimEnd('.')));
        }

        return true;
    }

    /// <inheritdoc/>
    public void Cancel() => cancellation.Cancel();

    /// <inheritdoc/>
    public void Dispose() => cancellation.Dispose();
}

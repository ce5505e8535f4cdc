using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Tool;

/// <summary>Exit codes, the contract of docs/cli.md.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int InvalidInput = 3;
    public const int Limit = 4;
    public const int Mismatch = 5;
    public const int FileSystem = 6;
    public const int Internal = 70;
    public const int Interrupted = 130;
    public const int Terminated = 143;

    /// <summary>The exit code of a diagnostic.</summary>
    public static int Of(string code)
    {
        if (code == DiagnosticDescriptors.Usage.Code || code == DiagnosticDescriptors.BadRequest.Code
            || code == DiagnosticDescriptors.NoCalibration.Code
            || code == DataDiagnostics.BadOption || code == DiagnosticDescriptors.BadQuantizerOption.Code)
            return Usage;
        if (code == DiagnosticDescriptors.ModelLimit.Code || code == DataDiagnostics.TooLarge)
            return Limit;
        if (code == DiagnosticDescriptors.Mismatch.Code)
            return Mismatch;
        if (code == DiagnosticDescriptors.ModelUnreadable.Code || code == DiagnosticDescriptors.OutputNotWritten.Code
            || code == DiagnosticDescriptors.FileSystem.Code || code == DataDiagnostics.Unreadable)
            return FileSystem;
        if (code == DiagnosticDescriptors.NoTorch.Code || code == DiagnosticDescriptors.TrainingDiverged.Code)
            return Failed;
        return code[4] switch
        {
            '3' => Failed,
            '4' when code[5] == '9' => Failed,
            '9' => Internal,
            _ => InvalidInput,
        };
    }
}

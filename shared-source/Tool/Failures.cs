using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Emulator;
using Ebsp.Isa.Programs;

namespace Ebsp.Tool;

/// <summary>The one place where exceptions become diagnostics.</summary>
internal static class Failures
{
    /// <summary>The diagnostics of an exception; empty for a cancellation.</summary>
    public static IReadOnlyList<Diagnostic> Diagnose(Exception exception, Call? call) => exception switch
    {
        EbspException e => e.Diagnostics,
        EbspFormatException e => [Of(e, call)],
        EmulatorTrapException e => [DiagnosticDescriptors.Trap(e.Code).At(FirstInput(call), null, e.Message[(e.Code.Length + 2)..])],
        OperationCanceledException => [],
        AggregateException { InnerExceptions: [var one, ..] } => Diagnose(one, call),
        IOException or UnauthorizedAccessException => [DiagnosticDescriptors.FileSystem.At(null, null, exception.Message.TrimEnd('.'))],
        InsufficientMemoryException or OutOfMemoryException => [DiagnosticDescriptors.OutOfMemory.At(FirstInput(call), null)],
        _ => [DiagnosticDescriptors.InternalError.At(null, null, Report(exception, call))],
    };

    private static Diagnostic Of(EbspFormatException e, Call? call)
    {
        string where = e.Offset < 0 ? e.Where : string.Create(CultureInfo.InvariantCulture, $"{e.Where} at byte {e.Offset}");
        return DiagnosticDescriptors.Find(e.Code) is { } row
            ? row.At(FirstInput(call), where, e.Cause)
            : new Diagnostic(e.Code, FirstInput(call), where, e.Cause + ".", "Compile the program again.");
    }

    private static string? FirstInput(Call? call) => call is { Inputs.Count: > 0 } ? call.Inputs[0].Path : null;

    // What a maintainer needs; the user sees its path alone.
    private static string Report(Exception exception, Call? call)
    {
        string[] lines =
        [
            $"{ToolVersion.Name} {ToolVersion.Full}", RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription,
            $"verb: {call?.Arguments.CommandResult.Command.Name ?? "-"}",
            .. (call?.Inputs ?? []).Select(input => $"input: {Path.GetFileName(input.Path)} {input.Sha256}"),
            exception.ToString(),
        ];
        try
        {
            string path = Path.Combine(Path.GetTempPath(), $"ebspc-report-{Guid.NewGuid():N}.txt");
            File.WriteAllLines(path, lines);
            return $"{exception.GetType().Name}; the report is in {path}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{exception.GetType().Name}; no report could be written";
        }
    }
}

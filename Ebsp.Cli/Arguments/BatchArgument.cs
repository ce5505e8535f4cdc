using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Cli.Arguments;

/// <summary>The range of --batch.</summary>
internal static class BatchArgument
{
    private const int Most = 4095;

    /// <summary>The value, if it is in range.</summary>
    /// <exception cref="EbspException">EBSP7101: it is not.</exception>
    public static int Checked(string verb, int batch) =>
        batch is >= 1 and <= Most ? batch : throw DiagnosticDescriptors.Usage.Error(null, verb, $"--batch {batch} is not in 1..{Most}");
}

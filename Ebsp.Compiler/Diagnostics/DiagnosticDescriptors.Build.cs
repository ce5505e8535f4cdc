using Ebsp.Build;

namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    // The build task and the generator cannot refer to this assembly; their table is compiled into it.
    private static readonly DiagnosticDescriptor[] BuildRows =
        [.. BuildDiagnostics.All.Select(row => new DiagnosticDescriptor(row.Code, row.Title, row.Cause, row.Fix, row.Example))];
}

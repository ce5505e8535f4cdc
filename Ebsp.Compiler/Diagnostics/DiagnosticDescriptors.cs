using System.Reflection;

namespace Ebsp.Compiler.Diagnostics;

/// <summary>
/// The table of codes; a row is a public static field, or stands in a list, in one of this class's files. EBSP1xxx import, 2xxx legality
/// and quantization, 3xxx tiling and code generation, 4xxx programs and emulator, 5xxx training, 6xxx build of a .NET project, 7xxx data
/// and command line, 8xxx laboratory, 9xxx our own bugs.
/// </summary>
public static partial class DiagnosticDescriptors
{
    /// <summary>A broken invariant of our own.</summary>
    public static readonly DiagnosticDescriptor Internal = new("EBSP9001", "Internal error",
        "{0}.",
        "This is a bug in the compiler: please report it with the model and the command line.",
        "error EBSP9001: fuse-requantize: the verifier failed after the pass. This is a bug in the compiler: please report it with the " +
            "model and the command line.");

    /// <summary>All rows by code.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All => Table.Rows;

    /// <summary>The row of a code, or null.</summary>
    public static DiagnosticDescriptor? Find(string code) => All.FirstOrDefault(row => row.Code == code);

    // A class of its own: made when it is first asked for, after the rows of every file of this class.
    private static class Table
    {
        public static readonly IReadOnlyList<DiagnosticDescriptor> Rows =
        [
            .. typeof(DiagnosticDescriptors).GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => field.GetValue(null)).OfType<DiagnosticDescriptor>()
                .Concat(DataRows).Concat(ProgramRows).Concat(VerifierRows).Concat(TrapRows).Concat(BuildRows)
                .OrderBy(row => row.Code, StringComparer.Ordinal),
        ];
    }
}

namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    /// <summary>A machine, network or set that nobody knows.</summary>
    public static readonly DiagnosticDescriptor UnknownName = new("EBSP8001", "Unknown machine or network",
        "there is no {0} '{1}'; the nearest name is '{2}' (there are {3}, {4}).",
        "Take a name of the list; `ebspc lab machines` and `ebspc lab networks` describe them.",
        "error EBSP8001: there is no machine 'eyeris'; the nearest name is 'eyeriss' (there are eyeriss, bitfusion, ebsp, or the path " +
            "of a " +
            ".json or .dll file). Take a name of the list; `ebspc lab machines` and `ebspc lab networks` describe them.");

    /// <summary>A description of a machine for the laboratory that does not hold.</summary>
    public static readonly DiagnosticDescriptor BadLabMachine = new("EBSP8002", "Machine of the laboratory refused",
        "{0}.",
        "Mend the file; docs/machines.md shows one field by field.",
        "mine.json: error EBSP8002: field 'rows' must be a whole number in 1..65536. Mend the file; docs/machines.md shows one field by " +
            "field.");

    /// <summary>An assembly without a usable machine.</summary>
    public static readonly DiagnosticDescriptor BadLabAssembly = new("EBSP8003", "Assembly without a machine",
        "{0}.",
        "Build a class library with a public class that implements IMachine and has a constructor without parameters (docs/machines.md).",
        "mine.dll: error EBSP8003: it has no public class that implements IMachine. Build a class library with a public class that " +
            "implements IMachine and has a constructor without parameters (docs/machines.md).");

    /// <summary>A CSV file of the laboratory that does not hold.</summary>
    public static readonly DiagnosticDescriptor BadLabTable = new("EBSP8004", "Table of the laboratory refused",
        "{0}.",
        "Mend the file; docs/evaluation.md shows its columns.",
        "accuracy.csv: error EBSP8004: line 1: the heading must be 'network,format,accuracy,source'. Mend the file; docs/evaluation.md " +
            "shows its columns.");
}

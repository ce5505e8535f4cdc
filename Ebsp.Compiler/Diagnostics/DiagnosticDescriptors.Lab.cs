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

    /// <summary>A sweep that cannot be planned or run as asked.</summary>
    public static readonly DiagnosticDescriptor BadSweep = new("EBSP8005", "Sweep refused",
        "{0}.",
        "Mend the arguments; docs/sweeps.md has the ranges.",
        "error EBSP8005: there is no point: no pattern of these lengths fits these bits. Mend the arguments; docs/sweeps.md has the " +
            "ranges.");

    /// <summary>A folder of another sweep.</summary>
    public static readonly DiagnosticDescriptor OtherSweep = new("EBSP8006", "Folder of another sweep",
        "{0}.",
        "Take an empty folder and plan anew; what the folder holds was left as it is.",
        "sweep: error EBSP8006: it holds another plan. Take an empty folder and plan anew; what the folder holds was left as it is.");

    /// <summary>Two results of one point that differ.</summary>
    public static readonly DiagnosticDescriptor SweepConflict = new("EBSP8007", "Two results of one point",
        "point {0} has another valid result already: another build of this version, or a machine that computes differently, made it.",
        "Run all shards with one build of the tool; delete the file of the point to have it computed again.",
        "sweep: error EBSP8007: point 3f2a has another valid result already: another build of this version, or a machine that computes " +
            "differently, made it. Run all shards with one build of the tool; delete the file of the point to have it computed again.");

    /// <summary>A merge of a sweep with points that nobody has run.</summary>
    public static readonly DiagnosticDescriptor SweepIncomplete = new("EBSP8008", "Sweep not complete",
        "{0} of {1} points have no valid result, the first is {2}.",
        "Run the shards again, finished points are kept (`ebspc lab sweep status` counts them), or merge with --partial.",
        "sweep: error EBSP8008: 3 of 64 points have no valid result, the first is 3f2a. Run the shards again, finished points are kept " +
            "(`ebspc lab sweep status` counts them), or merge with --partial.");
}

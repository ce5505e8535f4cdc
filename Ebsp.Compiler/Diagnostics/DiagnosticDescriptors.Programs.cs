using System.Globalization;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;

namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    private const string CompileAgain = "Compile the program again; an edited listing has to keep to docs/isa.md.";

    // The exceptions of Ebsp.Isa and Ebsp.Emulator carry code, place and cause; title and fix are here.
    private static readonly DiagnosticDescriptor[] ProgramRows =
    [
        Row(ProgramRule.Container, "Not the layout of a .ebsp file",
            "Get or compile the file again: it is damaged, cut off or of another kind."),
        Row(ProgramRule.Digest, "Digest wrong", "Get or compile the file again: it was changed or damaged."),
        Row(ProgramRule.Instruction, "Instruction does not decode"),
        Row(ProgramRule.Address, "Address out of range"),
        Row(ProgramRule.Version, "Format version not known", "Use an ebspc of that version, or compile the model again with this one."),
        Row(ProgramRule.Feature, "Mandatory feature not known", "Use a newer ebspc, or compile the model again with this one."),
        Row(ProgramRule.Section, "Section not readable"),
        Row(ProgramRule.Canonical, "Section not canonical"),
        Row(ProgramRule.Machine, "Another machine", "Compile the model for this machine with `ebspc compile --arch`."),
        Row(ProgramRule.End, "Program without END at its end"),
        Row(ProgramRule.TransferBits, "Transfer of no known width"),
        Row(ProgramRule.StoreRegion, "Region of STORE read-only"),
        Row(ProgramRule.ArrayFormat, "Operand format not of the array",
            "Quantize the model to patterns that the machine's patternLength allows."),
        Row(ProgramRule.Groups, "Groups do not divide the channels"),
        Row(ProgramRule.Fold, "More output channels than columns"),
        Row(ProgramRule.AddGroups, "Channel groups of operand b wrong"),
        Row(ProgramRule.VectorFormat, "Operand format of VECTOR wrong"),
        Row(ProgramRule.Term, "Term of a format without terms"),
        Row(ProgramRule.Constants, "Constants block wrong"),
        Row(ProgramRule.LutFormat, "Format of LUT wrong"),
        Row(ProgramRule.LutTable, "Table of LUT wrong"),
        Row(ProgramRule.PoolFormat, "Format of POOL wrong"),
        Row(ProgramRule.PoolWindow, "Window of POOL empty"),
        Row(ProgramRule.HostStep, "Host step not known"),
        Row(ProgramRule.Reorder, "Reorder changes count or format"),
        Row(ProgramRule.Label, "Symbol of MARK absent"),
        Row(ProgramRule.Io, "Input or output out of range"),
        Row(ProgramRule.InputFormat, "Input format not of the array"),
        Row(ProgramRule.PixelTable, "Pixel table out of range"),
        Row(ProgramRule.Scale, "Scale not positive and finite"),
        Row(ProgramRule.Labels, "Labels do not go with the classes"),
        Row(ProgramRule.RegionSize, "Region size out of range"),
        Row(ProgramRule.LayerMap, "Layer map wrong"),
        Row(ProgramRule.Tile, "Tile map wrong"),
        Row(ProgramRule.Provenance, "Provenance wrong"),
        Row(ProgramRule.Pitches, "Pixels of a result overlap"),
        Row(ProgramRule.Work, "Too much work",
            "Compile the program again with a smaller batch; an edited listing has to keep to docs/isa.md."),
        Row(ProgramRule.LocalResponse, "Local response wrong"),
    ];

    private static readonly DiagnosticDescriptor[] VerifierRows =
    [
        Row(VerifierRule.Unreachable, "Wait never fulfilled"),
        Row(VerifierRule.Deadlock, "Deadlock"),
        Row(VerifierRule.Race, "Race",
            "Let the later one of the two wait for the other one's signal; from a compiled program this is a bug to report."),
        Row(VerifierRule.Uninitialized, "Read before any write"),
        Row(VerifierRule.Output, "Output not written"),
        Row(VerifierRule.Format, "Read in another format than written"),
        Row(VerifierRule.Operand, "Operand that is no piece of a tensor"),
        Row(VerifierRule.Weights, "Weights that are no stretch of the weights region"),
        Row(VerifierRule.Window, "Operand beside its tile"),
        Row(VerifierRule.Limit, "Too large to be verified", "Compile the program again with a smaller batch; it may still run right."),
    ];

    private static readonly DiagnosticDescriptor[] TrapRows =
    [
        new("EBSP4901", "Deadlock", "{0}.", "Mend the waits and signals of the listing; from a compiled program this is a bug to report.",
            "net.ebsp: error EBSP4901: instruction 12: counter 3 never reaches 5. Mend the waits and signals of the listing; from a " +
                "compiled program this is a bug to report."),
        new("EBSP4902", "Operand fault", "{0}.",
            "A value outside its declared format was read: mend the listing or the weights; from a compiled program this is a bug to " +
            "report.",
            "net.ebsp: error EBSP4902: instruction 12: buffer[0x40]: negative zero. A value outside its declared format was read: mend " +
                "the listing or the weights; from a compiled program this is a bug to report."),
        new("EBSP4903", "Address fault", "{0}.", "Mend the listing; from a compiled program this is a bug to report.",
            "net.ebsp: error EBSP4903: instruction 12: arena[0x10000]: beyond the region. Mend the listing; from a compiled program " +
                "this is a bug to report."),
    ];

    /// <summary>The row of a trap's code.</summary>
    public static DiagnosticDescriptor Trap(string code) => TrapRows.First(row => row.Code == code);

    /// <summary>A finding of the static verifier, with layer, tile and text of its instruction.</summary>
    public static Diagnostic Of(VerifierFinding finding, EbspProgram program, string? file)
    {
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentNullException.ThrowIfNull(program);
        return Find(finding.Code)!.At(file, program.Layers.LayerOf(finding.Instruction),
            $"{program.Describe(finding.Instruction)}: {finding.Cause}");
    }

    private static DiagnosticDescriptor Row(VerifierRule rule, string title,
        string fix = "Mend the listing; from a compiled program this is a bug to report.")
    {
        string code = string.Create(CultureInfo.InvariantCulture, $"EBSP{(int)rule}");
        return new(code, title, "{0}.", fix, $"net.ebsp: error {code}: conv1: layer conv1, instruction 12: nop unit=load: {title}. {fix}");
    }

    private static DiagnosticDescriptor Row(ProgramRule rule, string title, string fix = CompileAgain)
    {
        string code = string.Create(CultureInfo.InvariantCulture, $"EBSP{(int)rule}");
        return new(code, title, "{0}.", fix, $"net.ebsp: error {code}: section code at byte 4711: {title}. {fix}");
    }
}

using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Passes;

/// <summary>Whether the PE array of a machine can multiply what the convolutions of an integer graph read.</summary>
public static class MachineCheck
{
    // All numbers of a window have fields of one width (docs/isa.md).
    private static readonly long MostOfWindow =
        InstructionTable.Find(Opcode.Conv)!.Fields.Single(field => field.Id == Field.StrideY).Maximum;

    /// <summary>The first operand that is not on the machine's pattern, with the number of others (EBSP2016), every window that no
    /// instruction holds (EBSP3002).</summary>
    /// <param name="graph">A verified integer graph.</param>
    /// <param name="patternLength">k of the hardware.</param>
    public static IReadOnlyList<Diagnostic> Check(Graph graph, int patternLength)
    {
        List<Diagnostic> found = [];
        List<(Node Node, string What, PatternFormat Format)> offPattern = [];
        foreach (Node node in graph.Nodes)
        {
            KernelWindow? window = node.Op switch
            {
                IntegerConv each => each.Geometry,
                SumPool each => each.Geometry,
                MaxPool each => each.Geometry,
                _ => null,
            };
            if (window is not null)
                CheckWindow(node, window);
            if (node.Op is not IntegerConv conv)
                continue;
            Require(node, "weights", conv.WeightFormat);
            Require(node, "an input", graph.TypeOf(node.Inputs[0]).Format!.Value);
        }

        if (offPattern is [var first, ..])
            found.Add(DiagnosticDescriptors.OperandNotOnPattern.At(null, first.Node.Name, first.What, first.Format, patternLength,
                Others(offPattern.Count - 1) + Remedy()));
        return found;

        static string Others(int count) =>
            count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {count} more operands are alike");

        // A longer pattern that everything fits.
        string Remedy() => offPattern.All(each => each.Format is { IsPattern: true, Bits: <= PatternFormat.MaxOperandBits })
            && ArchPresets.All.FirstOrDefault(preset => preset.PatternLength >= offPattern.Max(each => each.Format.PatternLength)
                && preset.Name.StartsWith(ArchPresets.Default.Name, StringComparison.Ordinal)) is { } machine
            ? $"; --arch {machine.Name} multiplies them" : "";

        void CheckWindow(Node node, KernelWindow window)
        {
            Bound(node, "kernel rows or columns", Math.Max(window.KernelRows, window.KernelColumns));
            Bound(node, "a stride", Math.Max(window.StrideY, window.StrideX));
            Bound(node, "a dilation", Math.Max(window.DilationY, window.DilationX));
            Bound(node, "a padding", Math.Max(window.PadTop, window.PadLeft));
        }

        void Bound(Node node, string what, int value)
        {
            if (value > MostOfWindow)
                found.Add(DiagnosticDescriptors.NoMachineForm.At(null, node.Name,
                    string.Create(CultureInfo.InvariantCulture, $"{what} of {value}, and an instruction holds at most {MostOfWindow}")));
        }

        void Require(Node node, string what, PatternFormat format)
        {
            if (!format.IsPattern || format.PatternLength > patternLength || format.Bits > PatternFormat.MaxOperandBits)
                offPattern.Add((node, what, format));
        }
    }
}

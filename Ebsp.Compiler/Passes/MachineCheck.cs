using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Passes;

/// <summary>Whether the PE array of a machine can multiply what the convolutions of an integer graph read.</summary>
public static class MachineCheck
{
    /// <summary>Every operand that is not on the machine's pattern (EBSP2016).</summary>
    /// <param name="graph">A verified integer graph.</param>
    /// <param name="patternLength">k of the hardware.</param>
    public static IReadOnlyList<Diagnostic> Check(Graph graph, int patternLength)
    {
        List<Diagnostic> found = [];
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not IntegerConv conv)
                continue;
            Require(node, "weights", conv.WeightFormat);
            Require(node, "an input", graph.TypeOf(node.Inputs[0]).Format!.Value);
        }

        return found;

        void Require(Node node, string what, PatternFormat format)
        {
            if (!format.IsPattern || format.PatternLength > patternLength || format.Bits > PatternFormat.MaxOperandBits)
                found.Add(DiagnosticDescriptors.OperandNotOnPattern.At(null, node.Name, what, format, patternLength));
        }
    }
}

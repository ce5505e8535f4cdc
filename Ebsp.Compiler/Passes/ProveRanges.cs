using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// Proves that no accumulator of an integer graph leaves int32 in any order of its additions, and no requantization int64, for every
/// input that the formats admit.
/// </summary>
public static class ProveRanges
{
    /// <summary>Every channel for which the proof fails (EBSP2014, EBSP2015), the first one of each node.</summary>
    /// <param name="graph">A verified integer graph.</param>
    public static IReadOnlyList<Diagnostic> Check(Graph graph)
    {
        List<Diagnostic> found = [];
        Dictionary<string, Int128[]> bounds = new(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            PatternFormat input = graph.TypeOf(node.Inputs[0]).Format!.Value;
            if (node.Op is IntegerConv conv)
                Add(node, Accumulators(conv, input));
            else if (node.Op is SumPool pool)
                Add(node, [(Int128)pool.Geometry.Taps * Largest(input)]);
            else if (node.Op is Requantize requantize)
            {
                Int128[] a = bounds.GetValueOrDefault(node.Inputs[0]) ?? [Largest(input)];
                Int128 b = node.Inputs.Length > 1 ? Largest(graph.TypeOf(node.Inputs[1]).Format!.Value) : 0;
                int channels = graph.TypeOf(node.Output).Shape.Channels;
                int bad = Enumerable.Range(0, channels)
                    .FirstOrDefault(c => Sum(requantize, c, a[a.Length == 1 ? 0 : c], b) > long.MaxValue, -1);
                if (bad >= 0)
                    found.Add(DiagnosticDescriptors.RequantizeOverflow.At(null, node.Name, bad));
            }
        }

        return found;

        void Add(Node node, Int128[] reach)
        {
            bounds.Add(node.Output, reach);
            int bad = Array.FindIndex(reach, bound => bound > int.MaxValue);
            if (bad >= 0)
                found.Add(DiagnosticDescriptors.AccumulatorOverflow.At(null, node.Name, bad, reach[bad]));
        }
    }

    /// <summary>Largest magnitude that each accumulator of a convolution can take, whatever the order of its products.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="input">Format of what it reads.</param>
    /// <returns>sum|w| * max|a| + |bias| of each output channel.</returns>
    public static Int128[] Accumulators(IntegerConv conv, PatternFormat input)
    {
        Int128[] reach = new Int128[conv.OutputChannels];
        int row = conv.Weights.Length / conv.OutputChannels;
        for (int k = 0; k < reach.Length; k++)
        {
            long sum = 0;
            foreach (sbyte weight in conv.Weights.AsSpan(k * row, row))
                sum += Math.Abs((int)weight);
            reach[k] = (Int128)sum * Largest(input) + Math.Abs((long)conv.Bias[k]);
        }

        return reach;
    }

    /// <summary>Largest magnitude of the sum before the shift.</summary>
    internal static Int128 Sum(Requantize r, int c, Int128 a, Int128 b)
    {
        Int128 m = r.ByValidCount
            ? r.Multipliers.Max(each => Math.Abs((long)each))
            : Math.Abs((long)r.Multipliers[r.Multipliers.Length == 1 ? 0 : c]);
        Int128 d = r.Offsets.IsDefaultOrEmpty ? 0 : Int128.Abs(r.Offsets[c]);
        return a * m + b * Math.Abs((long)r.SecondMultiplier) + d + (Int128.One << (r.Shift - 1));
    }

    // int16 and int32 tensors are two's complement: their lowest value has the largest magnitude.
    private static Int128 Largest(PatternFormat format) => format.Bits > PatternFormat.MaxOperandBits
        ? Int128.One << format.MagnitudeBits
        : format.MaxMagnitude;
}

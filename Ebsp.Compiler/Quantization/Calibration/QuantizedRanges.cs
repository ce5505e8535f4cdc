using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>
/// What an already quantized network says of its tensors: the float network without the roundings, and the largest magnitude that each
/// tensor could store. The zero points go; where one made a tensor non-negative, a clamp takes its place.
/// </summary>
/// <param name="Graph">The network in floats.</param>
/// <param name="Largest">Largest magnitude by tensor; none for a network that is not quantized.</param>
/// <param name="Input">How the network quantizes its input, or null.</param>
internal sealed record QuantizedRanges(Graph Graph, IReadOnlyDictionary<string, double> Largest, QuantizeDequantize? Input)
{
    /// <summary>Takes the quantization out of a float graph and runs the float passes on what is left.</summary>
    public static QuantizedRanges Take(Graph graph)
    {
        Dictionary<string, string> sources = new(StringComparer.Ordinal);
        Dictionary<string, double> largest = new(StringComparer.Ordinal);
        HashSet<string> unsigned = new(StringComparer.Ordinal);
        QuantizeDequantize? input = null;
        List<Node> kept = [];
        foreach (Node original in graph.Nodes)
        {
            Node node = original with { Inputs = [.. original.Inputs.Select(Of)], Op = InFloats(original.Op) };
            if (node.Op is QuantizeDequantize op)
            {
                string source = node.Inputs[0];
                if (source == graph.InputName)
                    input ??= op;
                // A zero point at the end of the range is a rectifier, unless there is one already.
                if (op.Low < 0 || source == graph.InputName || unsigned.Contains(source))
                {
                    sources[node.Output] = source;
                    largest[source] = Math.Max(largest.GetValueOrDefault(source), Reach(op));
                    continue;
                }

                largest[node.Output] = Reach(op);
                node = node with { Op = new Clamp(0, float.PositiveInfinity) };
            }

            if (node.Op is Clamp { Minimum: >= 0 }
                || (node.Op is MaxPool or AveragePool or Slice or Pad or Concat or Assemble && node.Inputs.All(unsigned.Contains)))
                unsigned.Add(node.Output);
            kept.Add(node);
        }

        Graph bare = graph with { OtherOutputs = [.. graph.OtherOutputs.Select(output => output with { Name = Of(output.Name) })] };
        Graph result = FloatPasses.Run(bare.WithNodes(kept, Of(graph.OutputName)));
        // What a maximum is taken of has its range.
        foreach (Node node in result.Nodes.Reverse())
        {
            if (node.Op is MaxPool or Pad && largest.TryGetValue(node.Output, out double range))
                largest.TryAdd(node.Inputs[0], range);
        }

        // What joins tensors has the widest range of theirs.
        foreach (Node node in result.Nodes)
        {
            if (node.Op is Concat or Assemble && node.Inputs.All(largest.ContainsKey))
                largest.TryAdd(node.Output, node.Inputs.Max(tensor => largest[tensor]));
        }

        return new QuantizedRanges(result, largest, input);

        string Of(string tensor) => sources.GetValueOrDefault(tensor, tensor);
    }

    /// <summary>Every value that the network's input can have once it is quantized.</summary>
    public float[] InputLevels() => Input is { } op
        ? [.. Enumerable.Range(op.Low, op.High - op.Low + 1).Select(step => step * op.Scale)]
        : [];

    /// <summary>The scale at which a form of a stored tensor holds its range; null where none is declared.</summary>
    /// <param name="step">The tensor; the range of a function's output says nothing of the table that it needs.</param>
    /// <param name="format">Format of the form.</param>
    /// <param name="terms">1, or 2.</param>
    public double? ScaleOf(PlannedStep step, PatternFormat format, int terms) =>
        step is not MapStep && Largest.TryGetValue(step.Output, out double range) ? range / NearestTable.Of(format, terms).Largest : null;

    private static double Reach(QuantizeDequantize op) => (double)op.Scale * Math.Max(-op.Low, op.High);

    private static Op InFloats(Op op) => op switch
    {
        Conv conv => conv with { WeightSteps = [] },
        FullyConnected full => full with { WeightSteps = [] },
        _ => op,
    };
}

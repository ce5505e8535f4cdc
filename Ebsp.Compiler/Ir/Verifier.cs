using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Ir;

/// <summary>
/// Whether a graph is well formed: names, order, shapes, array lengths and the ranges of the integers. Whether a machine can run it
/// (operands on the pattern, accumulator and int64 proofs) is asked elsewhere.
/// </summary>
public static class Verifier
{
    /// <summary>Largest magnitude of a bias.</summary>
    public const int MaxBias = 1 << 30;

    /// <summary>Largest weight of an already quantized model, in steps: a difference of two 8-bit integers.</summary>
    public const int MaxWeightSteps = 255;

    /// <summary>Largest magnitude of a weight, bias, factor or offset: sums of products stay far inside float32.</summary>
    public const float MaxReal = 1e15f;

    /// <summary>Most outputs of a graph.</summary>
    public const int MaxOutputs = Isa.Programs.ProgramIo.MaxOutputs;

    private const int MaxDiagnostics = 100;

    /// <summary>Throws if anything is wrong with the graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="file">File it came from, for the diagnostics.</param>
    /// <exception cref="EbspException">EBSP2001, EBSP2002, EBSP2003; every offence, up to 100.</exception>
    public static void Verify(Graph graph, string? file = null)
    {
        IReadOnlyList<Diagnostic> diagnostics = Check(graph);
        if (diagnostics.Count != 0)
            throw new EbspException([.. diagnostics.Select(each => each with { File = file })]);
    }

    /// <summary>Everything that is wrong with the graph, up to 100.</summary>
    public static IReadOnlyList<Diagnostic> Check(Graph graph)
    {
        List<Diagnostic> found = [];
        CheckHeader(graph, found);
        HashSet<string> made = new(StringComparer.Ordinal) { graph.InputName };
        HashSet<string> names = new(StringComparer.Ordinal);
        Dictionary<string, Op> producers = new(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (found.Count >= MaxDiagnostics)
                break;
            CheckNode(graph, node, made, names, producers, found);
        }

        HashSet<string> outputs = new(StringComparer.Ordinal);
        foreach (GraphOutput output in graph.OtherOutputs.IsDefault ? [] : graph.Outputs)
        {
            if (output.Name == graph.InputName)
                found.Add(IllFormed(null, $"the output '{output.Name}' is the input"));
            if (found.Count < MaxDiagnostics && !made.Contains(output.Name))
                found.Add(IllFormed(null, $"the output '{output.Name}' is made by no node"));
            if (!outputs.Add(output.Name))
                found.Add(IllFormed(null, $"the output '{output.Name}' stands there twice"));
        }

        if (found.Count == 0 && graph.Types.Count != made.Count)
            found.Add(IllFormed(null, $"{graph.Types.Count} types for {made.Count} tensors"));
        return found;
    }

    private static void CheckHeader(Graph graph, List<Diagnostic> found)
    {
        Shape shape = graph.InputShape;
        if (shape.Channels < 1 || shape.Height < 1 || shape.Width < 1 || shape.Elements > TypeInference.MaxElements / 2)
            found.Add(Misfit(null, $"an input of {shape}"));
        else if (graph.InputEncoding is { } encoding)
        {
            if (encoding.Terms is not (1 or 2) || encoding.Format.Bits is < 1 or > PatternFormat.MaxOperandBits)
                found.Add(Range(null, $"an input of {encoding.Terms} terms of {encoding.Format}"));
            if (!(encoding.Scale > 0) || !double.IsFinite(encoding.Scale))
                found.Add(Range(null, $"the input's scale is {encoding.Scale}"));
        }

        if (found.Count == 0 && (!graph.Types.TryGetValue(graph.InputName, out TensorType? type)
            || type != GraphBuilder.InputType(shape, graph.InputEncoding)))
            found.Add(Misfit(null, $"the type of the input '{graph.InputName}' is not that of the images"));
        Preprocessing p = graph.Preprocessing;
        if (p.Mean.IsDefaultOrEmpty || p.Std.IsDefaultOrEmpty || (p.Mean.Length != 1 && p.Mean.Length != shape.Channels)
            || (p.Std.Length != 1 && p.Std.Length != shape.Channels))
            found.Add(Misfit(null, $"the preprocessing does not fit {shape.Channels} input channels"));
        else if (!double.IsFinite(p.Scale) || !p.Mean.All(double.IsFinite) || !p.Std.All(s => double.IsFinite(s) && s != 0))
            found.Add(Range(null, $"the preprocessing has a number that is not finite, or a zero deviation"));
        foreach (GraphOutput output in graph.OtherOutputs.IsDefault ? [] : graph.Outputs)
        {
            if (!Enum.IsDefined(output.Transform))
                found.Add(Range(null, $"output transform {(int)output.Transform}"));
        }

        if (graph.OtherOutputs.IsDefault || graph.OtherOutputs.Length >= MaxOutputs)
            found.Add(IllFormed(null, $"the graph has more than {MaxOutputs} outputs"));
        if (graph.Labels.IsDefault || graph.Nodes.IsDefault)
            found.Add(IllFormed(null, $"the graph lacks its labels or nodes"));
    }

    private static void CheckNode(
        Graph graph, Node node, HashSet<string> made, HashSet<string> names, Dictionary<string, Op> producers, List<Diagnostic> found)
    {
        if (!names.Add(node.Name))
            found.Add(IllFormed(node.Name, $"two nodes have this name"));
        if (node.Name.Length == 0 || node.Output.Length == 0)
            found.Add(IllFormed(node.Name, $"an empty name"));
        TensorType[] inputs = new TensorType[node.Inputs.Length];
        bool known = true;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (made.Contains(node.Inputs[i]) && graph.Types.TryGetValue(node.Inputs[i], out TensorType? input))
                inputs[i] = input;
            else
            {
                found.Add(IllFormed(node.Name, $"the tensor '{node.Inputs[i]}' is read before it is made"));
                known = false;
            }
        }

        if (!made.Add(node.Output))
            found.Add(IllFormed(node.Name, $"the tensor '{node.Output}' is made twice"));
        if (!graph.Types.TryGetValue(node.Output, out TensorType? type))
        {
            found.Add(IllFormed(node.Name, $"the tensor '{node.Output}' has no type"));
            return;
        }

        if (!known)
            return;
        if (!TypeInference.TryInfer(node.Op, inputs, type.Scale, out TensorType inferred, out string cause))
            found.Add(DiagnosticDescriptors.ShapeMismatch.At(null, node.Name, cause));
        else if (inferred.Shape != type.Shape || inferred.Format != type.Format)
            found.Add(Misfit(node.Name, $"the tensor '{node.Output}' is {type} and should be {inferred}"));
        else
        {
            if (type.IsFloat == graph.IsInteger)
                found.Add(Misfit(node.Name, $"a tensor {type} in {(graph.IsInteger ? "an integer" : "a float")} graph"));
            if (!(type.Scale > 0) || !double.IsFinite(type.Scale) || (type.IsFloat && type.Scale != 1))
                found.Add(Range(node.Name, $"the scale of '{node.Output}' is {type.Scale}"));
            if (RangeOffence(node, inputs, producers) is { } offence)
                found.Add(DiagnosticDescriptors.OutOfRange.At(null, node.Name, offence));
        }

        producers.TryAdd(node.Output, node.Op);
    }

    private static string? RangeOffence(Node node, TensorType[] inputs, Dictionary<string, Op> producers) => node.Op switch
    {
        Conv conv => NotFinite("weight", conv.Weights) ?? NotFinite("bias", conv.Bias)
            ?? OffGrid(conv.Weights, conv.WeightSteps, conv.OutputChannels),
        FullyConnected full => NotFinite("weight", full.Weights) ?? NotFinite("bias", full.Bias)
            ?? OffGrid(full.Weights, full.WeightSteps, full.OutputChannels),
        ChannelAffine affine => NotFinite("factor", affine.Factor) ?? NotFinite("offset", affine.Offset),
        IntegerConv conv => ConvOffence(conv, inputs[0]),
        Requantize r => RequantizeOffence(r, inputs, producers.GetValueOrDefault(node.Inputs[0])),
        TensorProduct p => ProductOffence(p, inputs),
        SumPool pool when pool.Geometry.Taps * inputs[0].Format!.Value.MaxMagnitude > int.MaxValue =>
            $"a sum of {inputs[0].Format} over the window leaves int32",
        LookUp lookUp => LookUpOffence(lookUp),
        ResponseNorm norm => norm.Factors.Any(factor => factor < 0)
            ? "a negative factor"
            : OutputOffence(norm.Shift, norm.Lo, norm.Hi, norm.Format, Term.Whole),
        _ => null,
    };

    private static string? ConvOffence(IntegerConv conv, TensorType input)
    {
        PatternFormat format = conv.WeightFormat;
        if (format.Bits is < 1 or > PatternFormat.MaxOperandBits || !format.Signed)
            return $"weights of format {format}";
        if (input.Format!.Value.Bits > PatternFormat.MaxOperandBits)
            return $"a convolution reads {input.Format}";
        if (FirstOutside(conv.Weights.AsSpan(), format) is >= 0 and int i)
            return Text($"weight {conv.Weights[i]} at index {i} is not a value of {format}");
        for (int k = 0; k < conv.Bias.Length; k++)
        {
            if (conv.Bias[k] is < -MaxBias or > MaxBias)
                return Text($"bias {conv.Bias[k]} of channel {k} is beyond 2^30");
        }

        return null;
    }

    // By table: the weights are most of a network, and they are looked at after every pass.
    private static int FirstOutside(ReadOnlySpan<sbyte> weights, PatternFormat format)
    {
        Span<bool> outside = stackalloc bool[256];
        for (int value = sbyte.MinValue; value <= sbyte.MaxValue; value++)
            outside[(byte)value] = !format.Contains(value);
        bool any = false;
        foreach (sbyte weight in weights)
            any |= outside[(byte)weight];
        int first = any ? 0 : -1;
        while (any && !outside[(byte)weights[first]])
            first++;
        return first;
    }

    private static string? RequantizeOffence(Requantize r, TensorType[] inputs, Op? producer)
    {
        if (inputs.Length == 1 && r.SecondMultiplier != 0)
            return Text($"a second multiplier {r.SecondMultiplier} without a second input");
        if (r.SecondMultiplier == int.MinValue || r.Multipliers.Contains(int.MinValue))
            return "a multiplier is -2^31";
        if (r.ByValidCount && (producer is not SumPool pool
            || r.Multipliers.Length != pool.Geometry.Taps))
            return Text($"{r.Multipliers.Length} multipliers by count of valid elements, which is not the window of a sum pool before it");
        return OutputOffence(r.Shift, r.Lo, r.Hi, r.Format, r.Term);
    }

    private static string? ProductOffence(TensorProduct p, TensorType[] inputs)
    {
        foreach (TensorType input in inputs)
        {
            if (input.Format!.Value.Bits > 16)
                return $"a tensor product reads {input.Format}";
        }

        return p.Multipliers.Any(m => m < 0) ? "a negative multiplier" : OutputOffence(p.Shift, p.Lo, p.Hi, p.Format, p.Term);
    }

    private static string? OutputOffence(int shift, int lo, int hi, PatternFormat format, Term term)
    {
        if (format.Bits == 0)
            return "no output format";
        if (shift is < 1 or > Requantization.MaxShift)
            return Text($"a shift of {shift}");
        // What is clamped is projected afterwards, so the bounds are those of M bits and not of the set.
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        // Terms keep the sign of a value; their bounds hold for the whole value.
        if (lo > hi || hi > limit || lo < (format.Signed ? -limit : 0))
            return Text($"clamp bounds {lo}..{hi} for {format}");
        if (!Enum.IsDefined(term))
            return Text($"term {(int)term}");
        return term != Term.Whole && format.Kind != FormatKind.Window ? $"a term of {format}, which is no window format" : null;
    }

    private static string? LookUpOffence(LookUp lookUp)
    {
        if (lookUp.Format.Bits is < 1 or > PatternFormat.MaxOperandBits)
            return $"a table of {lookUp.Format}";
        for (int i = 0; i < lookUp.Table.Length; i++)
        {
            if (!SlotCode.TryDecode(lookUp.Table[i], lookUp.Format, out _))
                return Text($"table entry {i} is {lookUp.Table[i]}, no code of {lookUp.Format}");
        }

        return null;
    }

    private static string? NotFinite(string what, ImmutableArray<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!(Math.Abs(values[i]) <= MaxReal))
                return Text($"{what} {i} is {values[i]}");
        }

        return null;
    }

    private static string? OffGrid(ImmutableArray<float> weights, ImmutableArray<float> steps, int outputs)
    {
        if (steps.IsDefaultOrEmpty)
            return steps.IsDefault ? "no weight steps" : null;
        if (steps.Length != 1 && steps.Length != outputs)
            return Text($"{steps.Length} weight steps for {outputs} channels");
        if (!steps.All(step => step > 0 && float.IsFinite(step)))
            return "a weight step that is not positive and finite";
        int row = weights.Length / outputs;
        for (int i = 0; i < weights.Length; i++)
        {
            float step = steps[steps.Length == 1 ? 0 : i / row];
            double integer = Math.Round((double)weights[i] / step);
            if (Math.Abs(integer) > MaxWeightSteps || (float)integer * step != weights[i])
                return Text($"weight {weights[i]} at index {i} is not a whole number of steps of {step}");
        }

        return null;
    }

    private static Diagnostic IllFormed(string? node, FormattableString text) =>
        DiagnosticDescriptors.GraphNotWellFormed.At(null, node, Text(text));

    private static Diagnostic Misfit(string? node, FormattableString text) =>
        DiagnosticDescriptors.ShapeMismatch.At(null, node, Text(text));

    private static Diagnostic Range(string? node, FormattableString text) => DiagnosticDescriptors.OutOfRange.At(null, node, Text(text));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Ebsp.Compiler.Ir;

/// <summary>
/// A short listing of a graph, for people and dumps: one line a tensor, arrays of more than 16 numbers abbreviated to their length and a
/// hash. <see cref="GraphParser"/> reads it.
/// </summary>
public static class GraphPrinter
{
    /// <summary>Longest array that is written out.</summary>
    private const int LongestInFull = 16;

    /// <summary>One line a tensor, lines ended by \n.</summary>
    public static string Print(Graph graph)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"graph {graph.Name}\n");
        if (graph.InputEncoding is { } encoding)
            text.Append(CultureInfo.InvariantCulture, $"  host {encoding.Terms} term(s) of {encoding.Format}, scale {encoding.Scale:R}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {graph.InputName}: {Type(graph, graph.InputName)} = input\n");
        foreach (Node node in graph.Nodes)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  {node.Output}: {Type(graph, node.Output)} = {Describe(node.Op)}({string.Join(", ", node.Inputs)})");
            if (node.Name != node.Output)
                text.Append(CultureInfo.InvariantCulture, $"  # {node.Name}");
            text.Append('\n');
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            text.Append(CultureInfo.InvariantCulture, $"  output {output.Name}");
            if (output.Transform != OutputTransform.None)
                text.Append(CultureInfo.InvariantCulture, $", then {output.Transform}");
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Type(Graph graph, string tensor)
    {
        TensorType type = graph.TypeOf(tensor);
        return type.IsFloat ? type.ToString() : string.Create(CultureInfo.InvariantCulture, $"{type} * {type.Scale:R}");
    }

    private static string Describe(Op op)
    {
        FormattableString text = op switch
        {
            Conv conv => $"Conv[{conv.OutputChannels}, {KernelWindow(conv.Geometry)}, groups {conv.Groups}, w {Array(conv.Weights)}{
                Steps(conv.WeightSteps)}, b {Array(conv.Bias)}]",
            FullyConnected full =>
                $"FullyConnected[{full.OutputChannels}, w {Array(full.Weights)}{Steps(full.WeightSteps)}, b {Array(full.Bias)}]",
            ChannelAffine affine => $"ChannelAffine[{Array(affine.Factor)}, {Array(affine.Offset)}]",
            Clamp clamp => $"Clamp[{clamp.Minimum:R}, {clamp.Maximum:R}]",
            QuantizeDequantize q => $"QuantizeDequantize[{q.Scale:R}, {q.Minimum}..{q.Maximum}, zero {q.ZeroPoint}]",
            AveragePool pool => $"AveragePool[{KernelWindow(pool.Geometry)}{Flag(pool.CeilMode, "ceil")}{
                Flag(pool.CountIncludesPadding, "with padding")}]",
            MaxPool pool => $"MaxPool[{KernelWindow(pool.Geometry)}{Flag(pool.CeilMode, "ceil")}]",
            SumPool pool => $"SumPool[{KernelWindow(pool.Geometry)}{Flag(pool.CeilMode, "ceil")}]",
            Slice s => $"Slice[c {s.StartChannel}+{s.Channels}, y {s.StartY}+{s.Rows}*{s.StepY}, x {s.StartX}+{s.Columns}*{s.StepX}]",
            Pad p => $"Pad[c {p.ChannelsBefore}+{p.ChannelsAfter}, y {p.Top}+{p.Bottom}, x {p.Left}+{p.Right}]",
            IntegerConv conv =>
                $"IntegerConv[{conv.OutputChannels}, {KernelWindow(conv.Geometry)}, groups {conv.Groups}, w {conv.WeightFormat} {
                    Array(conv.Weights)}, b {Array(conv.Bias)}]",
            Requantize r =>
                $"Requantize[m {Array(r.Multipliers)}{Flag(r.ByValidCount, "by count")}, mb {r.SecondMultiplier}, d {Array(r.Offsets)}, n {
                    r.Shift}, {r.Lo}..{r.Hi}{Flag(r.Term != Term.Whole, r.Term + " term")}]",
            TensorProduct p => $"TensorProduct[m {Array(p.Multipliers)}, n {p.Shift}, {p.Lo}..{p.Hi}{
                Flag(p.Term != Term.Whole, p.Term + " term")}]",
            LocalResponseNorm n => $"LocalResponseNorm[{n.Size}, alpha {n.Alpha:R}, beta {n.Beta:R}, bias {n.Bias:R}]",
            PointFunction { Expression: { } e } => $"PointFunction[{e}]",
            PointFunction f => $"{f.Kind}[{f.Alpha:R}, {f.Beta:R}]",
            ResponseNorm n => $"ResponseNorm[{n.Size}, m {Array(n.Factors)}, n {n.Shift}, {n.Lo}..{n.Hi}]",
            Assemble a => $"Assemble[{a.Height}x{a.Width}, {string.Join(", ", a.Places.Select(Place))}]",
            LookUp lookUp => $"LookUp[{Array(lookUp.Table)}]",
            Normalize norm => $"Normalize[{norm.Order}]",
            _ => $"{op.GetType().Name}",
        };
        return text.ToString(CultureInfo.InvariantCulture);
    }

    private static string Place(PixelPlace place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.First}+{place.RowStep}+{place.ColumnStep}");

    private static string Steps(ImmutableArray<float> steps) => steps.IsDefaultOrEmpty ? "" : $" in steps {Array(steps)}";

    private static string KernelWindow(KernelWindow g)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{g.KernelRows}x{g.KernelColumns}");
        if (g.StrideY != 1 || g.StrideX != 1)
            text += string.Create(CultureInfo.InvariantCulture, $" /{g.StrideY},{g.StrideX}");
        if (g.IsPadded)
            text += string.Create(CultureInfo.InvariantCulture, $" pad {g.PadTop},{g.PadLeft},{g.PadBottom},{g.PadRight}");
        if (g.DilationY != 1 || g.DilationX != 1)
            text += string.Create(CultureInfo.InvariantCulture, $" dilation {g.DilationY},{g.DilationX}");
        return text;
    }

    private static string Flag(bool set, string text) => set ? ", " + text : "";

    private static string Array<T>(ImmutableArray<T> values)
        where T : unmanaged
    {
        if (values.IsDefaultOrEmpty)
            return "-";
        if (values.Length == 1)
            return string.Create(CultureInfo.InvariantCulture, $"{values[0]}");
        if (values.Length <= LongestInFull)
            return $"{{{string.Join(", ", values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}")))}}}";
        string hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())))[..8];
        return string.Create(CultureInfo.InvariantCulture, $"{values.Length}#{hash}");
    }
}

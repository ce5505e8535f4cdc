using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Compiler.Reference.IntegerOps;

namespace Ebsp.Compiler.Reference;

/// <summary>Makes one stored tensor.</summary>
/// <param name="Output">Its name.</param>
/// <param name="Run">From the image (H, W, C) and the tensors made before.</param>
/// <param name="LastReads">Tensors that no later step reads.</param>
internal sealed record AffineStep(string Output, Func<float[], Func<string, int[]>, int[]> Run, IReadOnlyList<string> LastReads);

/// <summary>
/// An already quantized network as steps on integers: what lies between two quantizations (a convolution or a sum, a clamp) is one
/// accumulator with one rounding.
/// </summary>
internal sealed class QdqPlan
{
    private readonly Graph _graph;
    private readonly Dictionary<string, StoredMap> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Accumulator> _pending = new(StringComparer.Ordinal);
    private readonly List<(string Output, string[] Reads, Func<float[], Func<string, int[]>, int[]> Run)> _steps = [];

    public QdqPlan(Graph graph)
    {
        _graph = graph;
        foreach (Node node in graph.Nodes)
            Take(node);
        OutputScale = (float)Stored(graph.OutputName, graph.ProducerOf(graph.OutputName)!).Scale;
        HashSet<string> read = new(StringComparer.Ordinal) { graph.OutputName };
        AffineStep[] steps = new AffineStep[_steps.Count];
        for (int i = steps.Length - 1; i >= 0; i--)
            steps[i] = new AffineStep(_steps[i].Output, _steps[i].Run, [.. _steps[i].Reads.Where(read.Add)]);
        Steps = steps;
    }

    public IReadOnlyList<AffineStep> Steps { get; }

    public float OutputScale { get; }

    private void Take(Node node)
    {
        string a = node.Inputs[0];
        Shape input = _graph.TypeOf(a).Shape, output = _graph.TypeOf(node.Output).Shape;
        switch (node.Op)
        {
            case QuantizeDequantize op when a == _graph.InputName:
                Keep(node, new StoredMap(op.Scale, Reach(op)), (image, _) => Array.ConvertAll(image, x => QuantizeKernel.Steps(x, op)));
                break;
            case QuantizeDequantize op:
                Store(node, PendingOf(a, node), op);
                break;
            case Conv conv:
                _pending.Add(node.Output, Convolution(node, conv.Geometry, conv.Groups, conv.Weights, conv.WeightSteps, conv.Bias));
                break;
            case FullyConnected full:
                _pending.Add(node.Output,
                    Convolution(node, new KernelWindow(input.Height, input.Width), 1, full.Weights, full.WeightSteps, full.Bias));
                break;
            case Clamp clamp:
                Accumulator clamped = PendingOf(a, node);
                _pending.Add(node.Output, clamped with
                {
                    Minimum = Math.Clamp(clamped.Minimum, clamp.Minimum, clamp.Maximum),
                    Maximum = Math.Clamp(clamped.Maximum, clamp.Minimum, clamp.Maximum),
                });
                break;
            case ChannelAffine affine:
                Accumulator scaled = PendingOf(a, node);
                if (scaled.B is not null || scaled.IsClamped || scaled.ValidCounts is not null)
                    throw Lacking(node, "a quantization before a factor by channel");
                _pending.Add(node.Output, scaled with
                {
                    Units = [.. affine.Factor.Select((factor, c) => factor * scaled.Units[scaled.Units.Length == 1 ? 0 : c])],
                    Offsets = [.. affine.Offset.Select((offset, c) =>
                        offset + (scaled.Offsets.Length == 0 ? 0 : affine.Factor[c] * scaled.Offsets[c]))],
                });
                break;
            case Add:
                _pending.Add(node.Output, Sum(node));
                break;
            case AveragePool pool:
                _pending.Add(node.Output, Average(node, pool, input, output));
                break;
            case Concat:
                Join(node);
                break;
            case MaxPool pool:
                Keep(node, Stored(a, node), (_, tensors) => PoolReference.Max(tensors(a), input, output, pool.Geometry));
                break;
            case Slice slice:
                Keep(node, Stored(a, node), (_, tensors) => MoveReference.Slice(slice, tensors(a), input));
                break;
            case Pad pad:
                Keep(node, Stored(a, node), (_, tensors) => MoveReference.Pad(pad, tensors(a), input, output));
                break;
            default:
                throw DiagnosticDescriptors.NoIntegerForm.Error(null, node.Name, $"{node.Op.GetType().Name} has no integer form here");
        }
    }

    private Accumulator Convolution(
        Node node, KernelWindow geometry, int groups, ImmutableArray<float> weights, ImmutableArray<float> steps,
            ImmutableArray<float> bias)
    {
        string a = node.Inputs[0];
        StoredMap input = Stored(a, node);
        if (steps.IsEmpty)
            throw Lacking(node, "weights on a grid");
        int row = weights.Length / bias.Length;
        int[] integers = new int[weights.Length], start = new int[bias.Length];
        double[] units = new double[bias.Length];
        for (int k = 0; k < bias.Length; k++)
        {
            double step = steps[steps.Length == 1 ? 0 : k], sum = 0;
            for (int i = k * row; i < (k + 1) * row; i++)
                sum += Math.Abs(integers[i] = (int)Math.Round(weights[i] / step));
            units[k] = step * input.Scale;
            double first = Math.Round(bias[k] / units[k]), reach = sum * input.Reach + Math.Abs(first);
            if (!(reach <= int.MaxValue))
                throw DiagnosticDescriptors.AccumulatorOverflow.Error(null, node.Name, k, reach);
            start[k] = (int)first;
        }

        ConvReference run = new(geometry, groups, integers, start, _graph.TypeOf(a).Shape);
        return new Accumulator([a], tensors => run.Run(tensors(a)), units);
    }

    private Accumulator Sum(Node node)
    {
        // An accumulator may take a stored tensor with it; of two stored tensors the first is the accumulator.
        (string x, string y) = _stored.ContainsKey(node.Inputs[1]) ? (node.Inputs[0], node.Inputs[1]) : (node.Inputs[1], node.Inputs[0]);
        StoredMap second = Stored(y, node);
        Accumulator first = PendingOf(x, node);
        return first.B is null && !first.IsClamped ? first with { B = y, UnitB = second.Scale, Reads = [.. first.Reads, y] }
            : throw Lacking(node, "a quantization before an addition");
    }

    private Accumulator Average(Node node, AveragePool pool, Shape input, Shape output)
    {
        string a = node.Inputs[0];
        StoredMap stored = Stored(a, node);
        int window = (int)pool.Geometry.Taps;
        bool differ = pool.CeilMode || (!pool.CountIncludesPadding && pool.Geometry.IsPadded);
        if (pool.CeilMode && pool.CountIncludesPadding)
            throw DiagnosticDescriptors.NoIntegerForm.Error(null, node.Name, "an average over padding with ceil mode has no integer form");
        return new Accumulator([a], tensors => PoolReference.Sum(tensors(a), input, output, pool.Geometry),
            differ ? [.. Enumerable.Range(1, window).Select(count => stored.Scale / count)] : [stored.Scale / window])
        {
            ValidCounts = differ ? [.. RequantizeReference.ValidCounts(new SumPool(pool.Geometry, pool.CeilMode), input, output)] : null,
        };
    }

    private void Join(Node node)
    {
        StoredMap[] parts = [.. node.Inputs.Select(name => Stored(name, node))];
        string[] names = [.. node.Inputs];
        int[] channels = [.. names.Select(name => _graph.TypeOf(name).Shape.Channels)];
        if (parts.All(part => part.Scale == parts[0].Scale))
        {
            Keep(node, parts[0] with { Reach = parts.Max(part => part.Reach) }, (_, tensors) =>
                MoveReference.Concat([.. names.Select(tensors)], channels));
            return;
        }

        _pending.Add(node.Output, new Accumulator(names, tensors => MoveReference.Concat([.. names.Select(tensors)], channels),
            [.. parts.SelectMany((part, i) => Enumerable.Repeat(part.Scale, channels[i]))]));
    }

    private void Store(Node node, Accumulator made, QuantizeDequantize op)
    {
        int channels = _graph.TypeOf(node.Output).Shape.Channels;
        _stored.Add(node.Output, new StoredMap(op.Scale, Reach(op)));
        _steps.Add((node.Output, made.Reads, (_, tensors) =>
        {
            int[] a = made.Run(tensors);
            int[]? b = made.B is null ? null : tensors(made.B);
            int[] result = new int[a.Length];
            for (int i = 0; i < a.Length; i++)
                result[i] = (int)Math.Clamp(Math.Round(made.Real(a[i], b is null ? 0 : b[i], i / channels, i % channels) / op.Scale),
                    op.Low, op.High);
            return result;
        }));
    }

    private void Keep(Node node, StoredMap type, Func<float[], Func<string, int[]>, int[]> run)
    {
        _stored.Add(node.Output, type);
        _steps.Add((node.Output, [.. node.Inputs.Where(_stored.ContainsKey)], run));
    }

    private StoredMap Stored(string tensor, Node reader) => _stored.TryGetValue(tensor, out StoredMap? map) ? map
        : throw Lacking(reader, $"a quantization of the tensor '{tensor}'");

    private Accumulator PendingOf(string tensor, Node reader)
    {
        if (_pending.TryGetValue(tensor, out Accumulator? pending))
            return pending;
        StoredMap stored = Stored(tensor, reader);
        return new Accumulator([tensor], tensors => tensors(tensor), [stored.Scale]);
    }

    private static int Reach(QuantizeDequantize op) => Math.Max(-op.Low, op.High);

    private static EbspException Lacking(Node node, string what) => DiagnosticDescriptors.NotQuantized.Error(null, node.Name, what);

    /// <summary>A stored tensor: integers less the zero point.</summary>
    /// <param name="Scale">Real value of one unit.</param>
    /// <param name="Reach">Largest magnitude.</param>
    private sealed record StoredMap(double Scale, int Reach);

    /// <summary>A tensor that is not rounded yet: clamp(a * Units + b * UnitB + Offsets) in double.</summary>
    /// <param name="Reads">Stored tensors that it reads.</param>
    /// <param name="Run">a, H, W, C.</param>
    /// <param name="Units">Real value of one of a: one, by channel, or by count of valid elements from 1.</param>
    private sealed record Accumulator(string[] Reads, Func<Func<string, int[]>, int[]> Run, double[] Units)
    {
        public string? B { get; init; }

        public double UnitB { get; init; }

        public double[] Offsets { get; init; } = [];

        public double Minimum { get; init; } = double.NegativeInfinity;

        public double Maximum { get; init; } = double.PositiveInfinity;

        /// <summary>Valid elements of the window of each pixel where windows differ, or null.</summary>
        public int[]? ValidCounts { get; init; }

        public bool IsClamped => Minimum != double.NegativeInfinity || Maximum != double.PositiveInfinity;

        public double Real(int a, int b, int pixel, int channel)
        {
            double unit = Units[ValidCounts is null ? Units.Length == 1 ? 0 : channel : ValidCounts[pixel] - 1];
            return Math.Clamp(a * unit + b * UnitB + (Offsets.Length == 0 ? 0 : Offsets[channel]), Minimum, Maximum);
        }
    }
}

using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Reference.IntegerOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>
/// Finds the numbers on calibration images: the float and the integer network run side by side, and each layer is fitted to what the ones
/// before it really give. Ranges that the network declares stay.
/// </summary>
internal sealed class CalibratedScales : IScaleSource
{
    private readonly QuantizationPlan _plan;
    private readonly Graph _graph;
    private readonly QuantizedRanges _ranges;
    private readonly QuantizerOptions _options;
    private readonly CalibrationMaps _maps;
    private readonly ConcatFit _concats;
    private readonly Dictionary<string, StoredTensor> _stored = new(StringComparer.Ordinal);
    private readonly List<(ConcatPlace Place, string Tensor)> _parts = [];
    private readonly List<LayerReport> _reports = [];
    private readonly DoubtfulCalibration _doubts;
    private LayerFit? _layer;
    private MapFit? _map;
    private FittedWeights? _weights;
    private string? _accumulator;
    private int _done;

    /// <exception cref="EbspException">EBSP2013: images that do not fit.</exception>
    public CalibratedScales(QuantizationPlan plan, QuantizedRanges ranges, ImageSet calibration, QuantizerOptions options)
    {
        (_plan, _graph, _ranges, _options) = (plan, plan.Graph, ranges, options);
        _concats = new ConcatFit(plan, calibration, options.Threads);
        float[][] images = InputCoding.Images(_graph, calibration);
        _doubts = new DoubtfulCalibration(_graph.InputName, images);
        _maps = new CalibrationMaps(images.Length, options.Threads);
        Input = InputCoding.Choose(plan, images, calibration.Values is null);
        _maps.Set(_graph.InputName, images);
        _maps.SetEach(_graph.InputName, n => InputCoding.Encoded(images[n], Input, _graph.InputShape.Channels));
    }

    /// <summary>One row a layer, in order.</summary>
    public IReadOnlyList<LayerReport> Reports => _reports;

    /// <summary>What is doubtful about the images, and what they gave.</summary>
    public IReadOnlyList<Diagnostic> Warnings => _doubts.Found;

    /// <summary>The class scores of the images, once they are there.</summary>
    public CalibrationScores? Scores { get; private set; }

    public InputEncoding Input { get; }

    public LayerWeights WeightsOf(LayerStep step, StoredTensor input)
    {
        _weights = new ConvFit(_plan, step, input.Projected!.Type.Scale, _options).Run(FitOf(step), _maps, n => Operand(input, n));
        return _weights.Weights;
    }

    public ImmutableArray<double> OffsetsOf(LayerStep step, RealSum sum) => FitOf(step).Measure(sum);

    public double? LargestOf(LayerStep step, RealSum sum) => FitOf(step).LargestOf(sum);

    public double ScaleOf(PlannedStep step, PatternFormat format, int terms) => _ranges.ScaleOf(step, format, terms) ?? step switch
    {
        LayerStep layer => FitOf(layer).Scale(format, terms),
        ConcatStep concat => _concats.Scale(concat, format, _options.Clip),
        _ => FitOf((MapStep)step).Scale(format, _options.Clip),
    };

    public void Added(Node node, GraphBuilder graph)
    {
        if (node.Op is IntegerConv)
        {
            // What earlier passes accumulated is stored by now.
            if (_accumulator is not null)
                _maps.Forget(_accumulator);
            _accumulator = node.Output;
        }

        Node? producer = graph.Nodes.FirstOrDefault(each => each.Output == node.Inputs[0]);
        Func<Func<string, int[]>, int[]> run = IntegerReference.Prepare(node, graph.TypeOf, producer);
        _maps.SetEach(node.Output, n => run(tensor => _maps.Integer(tensor, n)));
    }

    public void Finished(PlannedStep step, EmittedStep emitted)
    {
        _stored.Add(step.Output, emitted.Stored);
        _parts.AddRange(emitted.Written.Where(form => form.Place is not null).Select(form => (form.Place!.Value, form.First.Name)));
        if (step is InputStep)
            return;
        switch (step)
        {
            case LayerStep layer:
                LayerFit fit = FitOf(layer);
                _reports.Add(LayerReport.Of(layer, emitted, SignalToNoise(emitted, fit.Real)) with
                {
                    WeightValues = _weights?.Values,
                    OutputValues = [.. emitted.Written.Where(form => form.Form != Forms.Scores)
                        .Select(form => fit.Report(form.First.Format, form.Terms, form.First.Type.Scale))],
                });
                KeepScores(layer, emitted, fit.Real);
                fit.KeepReal();
                _doubts.Look(_reports[^1], _maps.Real(step.Output));
                break;
            case MapStep map:
                MapFit function = FitOf(map);
                _reports.Add(LayerReport.Of(map, emitted, SignalToNoise(emitted, n => function.Real[n])) with
                {
                    OutputValues = [.. emitted.Written.Select(form => function.Report(form.First.Format, form.First.Type.Scale))],
                });
                KeepScores(map, emitted, n => function.Real[n]);
                _maps.Set(step.Output, function.Real);
                _doubts.Look(_reports[^1], function.Real);
                break;
            case ConcatStep { Node: { } node }:
                Shape[] shapes = [.. node.Inputs.Select(input => _graph.TypeOf(input).Shape)];
                int[] channels = [.. shapes.Select(shape => shape.Channels)];
                _maps.Set(step.Output, _maps.ForEach(n => node.Op is Assemble assemble
                    ? MoveReference.Assemble(assemble, [.. node.Inputs.Select(input => _maps.Real(input)[n])], shapes)
                    : MoveReference.Concat([.. node.Inputs.Select(input => _maps.Real(input)[n])], channels)));
                break;
            case MoveStep { Node: { } node }:
                _maps.Set(step.Output, LayerFit.RunFloat(node.Op, _graph.TypeOf(node.Inputs[0]).Shape, _graph.TypeOf(step.Output).Shape,
                    _maps, _maps.Real(node.Inputs[0])));
                break;
        }

        (_layer, _map, _weights, _accumulator) = (null, null, null, null);
        Forget(++_done);
    }

    private void KeepScores(PlannedStep step, EmittedStep emitted, Func<int, float[]> realOf)
    {
        if (step.Output != _graph.OutputName
            || _graph.TypeOf(step.Output).Shape is not { Height: 1, Width: 1, Channels: > 1 and var classes } || emitted.Written.Count == 0)
            return;
        (IntegerTensor first, IntegerTensor? second) = (emitted.Written[0].First, emitted.Written[0].Second);
        // Channels are padded to whole groups.
        Scores = new CalibrationScores(_maps.Count, [.. Enumerable.Range(0, _maps.Count).SelectMany(n => realOf(n).Take(classes))],
            [.. Enumerable.Range(0, _maps.Count).SelectMany(n => Sum(first, second, n).Take(classes)
                .Select(score => (float)(score * first.Type.Scale)))]);
    }

    private LayerFit FitOf(LayerStep step) =>
        _layer ??= new LayerFit(_graph, step, _maps, step.B is null ? null : _stored[step.B].Plain, _options);

    private MapFit FitOf(MapStep step) =>
        _map ??= new MapFit(_graph, step, [.. step.Node.Inputs.Select(input => _stored[input].Plain!)], _maps);

    // Of the first form.
    private double SignalToNoise(EmittedStep emitted, Func<int, float[]> realOf) => emitted.Written.Count == 0 ? double.NaN
        : LayerFit.SignalToNoise(_maps, n => Sum(emitted.Written[0].First, emitted.Written[0].Second, n),
            emitted.Written[0].First.Type.Scale, realOf);

    // The integers that a layer multiplies in an image.
    private int[] Operand(StoredTensor tensor, int n) => tensor.Projected!.Name == _graph.InputName
        ? InputCoding.Whole(_maps.Integer(_graph.InputName, n), Input, _graph.InputShape.Channels)
        : Sum(tensor.Projected, tensor.Second, n);

    private int[] Sum(IntegerTensor first, IntegerTensor? second, int n)
    {
        int[] sum = _maps.Integer(first.Name, n);
        return second is null ? sum : [.. sum.Zip(_maps.Integer(second.Name, n), (t1, t2) => t1 + t2)];
    }

    // Keeps what later steps read.
    private void Forget(int next)
    {
        HashSet<string> real = new(StringComparer.Ordinal), integer = new(StringComparer.Ordinal);
        foreach (PlannedStep step in _plan.Steps.Skip(next))
        {
            string?[] reads = step switch
            {
                MoveStep move => [move.Node.Inputs[0]],
                ConcatStep concat => [.. concat.Node.Inputs],
                MapStep map => [.. map.Node.Inputs],
                LayerStep layer => [layer.Producer?.Inputs[0] ?? layer.A, layer.B],
                _ => [],
            };
            foreach (string tensor in reads.OfType<string>())
            {
                real.Add(tensor);
                if (_stored.TryGetValue(tensor, out StoredTensor? stored))
                    integer.UnionWith(stored.Tensors.Select(each => each.Name));
            }

            integer.UnionWith(_parts.Where(part => part.Place.Concat == step.Output).Select(part => part.Tensor));
        }

        _maps.Keep(real, integer);
    }
}

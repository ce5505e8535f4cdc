using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>
/// Turns a float network into an integer network, layer after layer: the float and the integer network run side by side on the
/// calibration images, and each layer is fitted to what the ones before it really give.
/// </summary>
public sealed class Quantizer
{
    private readonly Graph _graph;
    private readonly QuantizerOptions _options;
    private readonly Planner _plan;
    private readonly GraphBuilder _builder;
    private readonly CalibrationMaps _maps;
    private readonly Dictionary<string, StoredTensor> _stored = new(StringComparer.Ordinal);
    private readonly List<LayerReport> _reports = [];

    private Quantizer(Graph graph, ImageSet calibration, QuantizerOptions options)
    {
        _graph = graph;
        _options = options;
        _plan = Planner.Plan(graph);
        float[][] images = InputCoding.Images(graph, calibration);
        _maps = new CalibrationMaps(images.Length, options.Threads);
        InputEncoding encoding = InputCoding.Choose(graph, _plan.Input, images, calibration.Values is null, OperandOf(_plan.Input), options.InputTerms);
        _builder = new GraphBuilder(graph.Name, graph.InputName, graph.InputShape, encoding) { Preprocessing = graph.Preprocessing, Labels = graph.Labels };
        _maps.Set(graph.InputName, images);
        _maps.Set(graph.InputName, _maps.ForEach(n => InputCoding.Whole(images[n], encoding)));
        StoreInput(encoding);
    }

    /// <summary>Quantises a network.</summary>
    /// <param name="graph">A float graph; the float passes run on it first.</param>
    /// <param name="calibration">Images of its input size, such as 512 of its training set.</param>
    /// <param name="options">Formats and measures; null takes the defaults.</param>
    /// <param name="progress">Told the name of each tensor as it is stored, how many are, and how many there will be.</param>
    /// <param name="cancellation">Stops between tensors.</param>
    /// <returns>The integer graph, the same for any number of threads.</returns>
    /// <exception cref="EbspException">EBSP2011: an operation has no integer form. EBSP2012: an option names no format. EBSP2013: images that do not
    /// fit. EBSP2014, EBSP2015: an accumulator or a requantisation may overflow.</exception>
    public static QuantizationResult Run(
        Graph graph, ImageSet calibration, QuantizerOptions? options = null,
        IProgress<(string Tensor, int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(calibration);
        options ??= new QuantizerOptions();
        OptionCheck.Check(options, graph);
        return new Quantizer(FloatPasses.Run(graph), calibration, options).Run(progress, cancellation);
    }

    private QuantizationResult Run(IProgress<(string Tensor, int Done, int Total)>? progress, CancellationToken cancellation)
    {
        for (int i = 0; i < _plan.Steps.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_plan.Steps[i] is LayerStep layer)
                Layer(layer);
            else
                Move((MoveStep)_plan.Steps[i]);
            Forget(i + 1);
            progress?.Report((_plan.Steps[i].Output, i + 1, _plan.Steps.Count));
        }

        StoredTensor output = _stored[_graph.OutputName];
        string name = _plan.Steps.Any(step => step.Output == _graph.OutputName && step.Forms.HasFlag(Forms.Scores)) ? _graph.OutputName : output.Plain!;
        Graph graph = _builder.Build(name, _graph.OutputTransform);
        Verifier.Verify(graph);
        IReadOnlyList<Diagnostic> unproved = ProveRanges.Check(graph);
        return unproved.Count == 0 ? new QuantizationResult(graph, _reports) : throw new EbspException(unproved);
    }

    private void StoreInput(InputEncoding encoding)
    {
        string name = _graph.InputName;
        Forms forms = _plan.Input.Forms;
        bool isUnsigned = !encoding.Format.Signed;
        if (encoding.Format.IsPattern || !forms.HasFlag(Forms.Projected) || OperandOf(_plan.Input).PatternLength == 0)
        {
            _stored.Add(name, new StoredTensor(isUnsigned)
            {
                Projected = name, Plain = encoding.Format.IsPattern ? null : name, Multiplied = name, Format = encoding.Format,
            });
            return;
        }

        // Something adds or pools the input too: it comes as plain integers, and the operand is made from them on the same scale.
        PatternFormat format = OperandOf(_plan.Input).WithSign(!isUnsigned);
        int limit = (1 << format.MagnitudeBits) - 1;
        double factor = Math.Min(1, limit / 255.0 * (isUnsigned ? 1 : 255.0 / 127));
        Requantise op = RequantiseFit.Fit([factor], [255], 0, 0, [], false, isUnsigned ? 0 : -limit, limit, format)!;
        string projected = _builder.Add(_builder.Unused(name + ".p"), op, encoding.Scale / factor, name);
        _maps.Set(projected, Integers(_builder.Nodes[^1]));
        _stored.Add(name, new StoredTensor(isUnsigned) { Projected = projected, Plain = name, Multiplied = projected, Format = format });
    }

    // The format of an operand is that of the layers that read it; where they differ, the widest.
    private OperandFormat OperandOf(PlannedStep step)
    {
        Node? last = _plan.Steps.OfType<LayerStep>().FirstOrDefault(each => each.Forms.HasFlag(Forms.Scores))?.Producer;
        return step.MultipliedBy.Select(node => _options.Layers.GetValueOrDefault(node.Name)?.Activations
                ?? (step == _plan.Input ? _options.InputFormat : node == last ? _options.LastActivations : _options.Activations))
            .DefaultIfEmpty(_options.Activations)
            .OrderByDescending(format => format.PatternLength == 0).ThenByDescending(format => format.Bits).ThenByDescending(format => format.PatternLength)
            .First();
    }

    private OperandFormat WeightsOf(LayerStep step) =>
        _options.Layers.GetValueOrDefault(step.Producer!.Name)?.Weights
        ?? (step.Producer.Inputs[0] == _graph.InputName ? _options.FirstFormat
            : step.Forms.HasFlag(Forms.Scores) ? _options.LastFormat : _options.Weights);

    private void Layer(LayerStep step)
    {
        LayerFit fit = new(_graph, step, _maps, _stored, _options, _builder.TypeOf);
        double[] unit;
        double[] reach;
        string a;
        if (step.Producer is null)
        {
            a = _stored[step.A].Plain!;
            unit = [.. step.FactorA.Select(factor => factor * _builder.TypeOf(a).Scale)];
            reach = [Reach(_builder.TypeOf(a).Format!.Value)];
        }
        else if (step.Producer.Op is AveragePool pool)
        {
            string input = _stored[step.Producer.Inputs[0]].Plain!;
            a = _builder.Add(step.Producer.Name, new SumPool(pool.Geometry, pool.CeilMode), [input], _builder.Unused(step.Producer.Name + ".acc"));
            _maps.Set(a, Integers(_builder.Nodes[^1]));
            unit = AverageFactors(step, pool, _builder.TypeOf(input).Scale);
            reach = [Reach(_builder.TypeOf(input).Format!.Value) * pool.Geometry.KernelRows * pool.Geometry.KernelColumns];
        }
        else
        {
            StoredTensor input = _stored[step.Producer.Inputs[0]];
            double inputScale = _builder.TypeOf(input.Projected!).Scale;
            FittedConv conv = new ConvFit(fit, _graph, _maps, _options).Run(input, inputScale, WeightsOf(step).WithSign(signed: true));
            bool twoTerms = input.Projected == _graph.InputName && _builder.TypeOf(input.Projected).Shape != _graph.TypeOf(step.Producer.Inputs[0]).Shape;
            IntegerConv op = twoTerms ? conv.Op with { Weights = Twice(conv.Op) } : conv.Op;
            a = _builder.Add(step.Producer.Name, op, [input.Projected!], _builder.Unused(step.Producer.Name + ".acc"), inputScale);
            _maps.Set(a, conv.Accumulators);
            unit = [.. conv.Scales.Select((scale, k) => scale * inputScale * step.FactorA[k])];
            reach = [.. ProveRanges.Accumulators(op, input.Format).Select(bound => (double)bound)];
        }

        bool byCount = step.Producer?.Op is AveragePool && unit.Length != step.FactorA.Length;
        fit.Measure(a, byCount ? null : unit);
        StoredTensor stored = new(fit.IsUnsigned);
        double noise = double.NaN;
        List<PatternFormat> formats = [];
        foreach (Forms form in new[] { Forms.Scores, Forms.Plain, Forms.Projected })
        {
            if (!step.Forms.HasFlag(form))
                continue;
            PatternFormat format = form switch
            {
                Forms.Scores => PatternFormat.Int32,
                Forms.Plain => _options.SkipFormat(!fit.IsUnsigned),
                _ => OperandOf(step).WithSign(!fit.IsUnsigned),
            };
            double scale = form == Forms.Scores ? LayerFit.ScoreScale(unit, reach) : fit.Scale(format);
            string name = StoredTensor.NameOf(step.Output, form, step.Forms);
            Requantise op = fit.Requantise(unit, reach, byCount, format, scale)
                ?? throw DiagnosticDescriptors.RequantiseOverflow.Error(null, step.Output, 0);
            string[] inputs = step.B is null ? [a] : [a, _stored[step.B].Plain!];
            _builder.Add(name, op, inputs, _builder.Unused(name), scale);
            int[][] maps = Integers(_builder.Nodes[^1]);
            _maps.Set(name, maps);
            formats.Add(format);
            if (double.IsNaN(noise))
                noise = fit.SignalToNoise(maps, scale);
            stored = form switch
            {
                Forms.Plain => stored with { Plain = name },
                Forms.Projected => stored with { Projected = name, Multiplied = name, Format = format },
                _ => stored,
            };
        }

        _stored.Add(step.Output, stored);
        fit.KeepReal();
        Node? made = step.Producer;
        _reports.Add(new LayerReport(made?.Name ?? step.Output, made?.Op is Conv or FullyConnected ? WeightsOf(step).WithSign(true) : null,
            made is null ? _builder.TypeOf(a).Format!.Value : _builder.TypeOf(_builder.Nodes.First(node => node.Output == a).Inputs[0]).Format!.Value,
            formats, noise));
    }

    private void Move(MoveStep step)
    {
        StoredTensor input = _stored[step.Node.Inputs[0]];
        StoredTensor stored = new(input.IsUnsigned);
        foreach (Forms form in new[] { Forms.Plain, Forms.Projected })
        {
            if (!step.Forms.HasFlag(form))
                continue;
            string name = StoredTensor.NameOf(step.Output, form, step.Forms), from = form == Forms.Plain ? input.Plain! : input.Projected!;
            _builder.Add(name, step.Node.Op, [from], _builder.Unused(name));
            _maps.Set(name, Integers(_builder.Nodes[^1]));
            stored = form == Forms.Plain ? stored with { Plain = name }
                : stored with { Projected = name, Multiplied = name, Format = _builder.TypeOf(name).Format!.Value };
        }

        _stored.Add(step.Output, stored);
        Shape before = _graph.TypeOf(step.Node.Inputs[0]).Shape, after = _graph.TypeOf(step.Output).Shape;
        _maps.Set(step.Output, LayerFit.RunFloat(step.Node.Op, before, after, _maps, _maps.Real(step.Node.Inputs[0])));
    }

    private int[][] Integers(Node node)
    {
        Node? producer = _builder.Nodes.FirstOrDefault(each => each.Output == node.Inputs[0]);
        Func<Func<string, int[]>, int[]> run = IntegerReference.Prepare(node, _builder.TypeOf, producer);
        return _maps.ForEach(n => run(tensor => _maps.Integer(tensor)[n]));
    }

    private static double[] AverageFactors(LayerStep step, AveragePool pool, double scale)
    {
        int window = pool.Geometry.KernelRows * pool.Geometry.KernelColumns;
        bool differ = !pool.CountIncludesPadding && (pool.Geometry.IsPadded || pool.CeilMode);
        if (pool.CountIncludesPadding && pool.CeilMode)
            throw DiagnosticDescriptors.NoIntegerForm.Error(null, step.Producer!.Name, "an average over padding with ceil mode has no integer form");
        return differ ? [.. Enumerable.Range(1, window).Select(count => scale / count)] : [.. step.FactorA.Select(factor => factor * scale / window)];
    }

    private static ImmutableArray<sbyte> Twice(IntegerConv conv)
    {
        int row = conv.Weights.Length / conv.OutputChannels;
        return [.. Enumerable.Range(0, conv.OutputChannels).SelectMany(k => Enumerable.Repeat(conv.Weights.AsSpan(k * row, row).ToArray(), 2)).SelectMany(each => each)];
    }

    private static double Reach(PatternFormat format) => Math.ScaleB(1, format.MagnitudeBits);

    private void Forget(int next)
    {
        HashSet<string> real = new(StringComparer.Ordinal), integer = new(StringComparer.Ordinal);
        foreach (PlannedStep step in _plan.Steps.Skip(next))
        {
            string?[] reads = step is MoveStep move ? [move.Node.Inputs[0]] : step is LayerStep layer ? [layer.Producer?.Inputs[0] ?? layer.A, layer.B] : [];
            foreach (string? tensor in reads)
            {
                if (tensor is null)
                    continue;
                real.Add(tensor);
                if (_stored.TryGetValue(tensor, out StoredTensor? stored))
                    integer.UnionWith(new[] { stored.Plain, stored.Projected }.OfType<string>());
            }
        }

        _maps.Keep(real, integer);
    }
}

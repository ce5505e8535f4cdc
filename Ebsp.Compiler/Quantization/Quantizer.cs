using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Reference.IntegerOps;
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
    private readonly ConcatFit _concats;
    private readonly Dictionary<string, StoredTensor> _stored = new(StringComparer.Ordinal);
    private readonly List<LayerReport> _reports = [];

    private Quantizer(QuantizedRanges ranges, ImageSet? calibration, QuantizerOptions options)
    {
        Graph graph = ranges.Graph;
        _graph = graph;
        _options = options;
        _plan = Planner.Plan(graph);
        foreach (PlannedStep step in _plan.Steps)
            step.Range = ranges.Largest.TryGetValue(step.Output, out double largest) ? largest : null;
        _concats = new ConcatFit(graph, _plan, calibration, options.Threads);
        float[][] images = calibration is null ? [] : InputCoding.Images(graph, calibration);
        _maps = new CalibrationMaps(images.Length, options.Threads);
        InputEncoding encoding = InputCoding.Choose(graph, _plan.Input, calibration is null ? [ranges.InputLevels()] : images,
            calibration is { Values: null }, OperandOf(_plan.Input), Math.Max(options.InputTerms, OperandOf(_plan.Input).Terms));
        _builder = new GraphBuilder(graph.Name, graph.InputName, graph.InputShape, encoding) { Preprocessing = graph.Preprocessing,
            Labels = graph.Labels };
        _maps.Set(graph.InputName, images);
        _maps.SetEach(graph.InputName, n => InputCoding.Whole(images[n], encoding));
        StoreInput(encoding);
    }

    /// <summary>Quantizes a network.</summary>
    /// <param name="graph">A float graph; the float passes run on it first. The ranges of an already quantized one replace calibration of
    /// its tensors.</param>
    /// <param name="calibration">Images of its input size, such as 512 of its training set; null for an already quantized network, whose
    /// weights then go by their values alone.</param>
    /// <param name="options">Formats and measures; null takes the defaults.</param>
    /// <param name="progress">Told the name of each tensor as it is stored, how many are, and how many there will be.</param>
    /// <param name="cancellation">Stops between tensors.</param>
    /// <returns>The integer graph, the same for any number of threads.</returns>
    /// <exception cref="EbspException">EBSP2011: an operation has no integer form. EBSP2012: an option names no format. EBSP2013: images
    /// that do not fit. EBSP2021: no images, and a tensor without a range. EBSP2014, EBSP2015: an accumulator or a requantization may
    /// overflow.</exception>
    public static QuantizationResult Run(
        Graph graph, ImageSet? calibration, QuantizerOptions? options = null,
        IProgress<(string Tensor, int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new QuantizerOptions();
        OptionCheck.Check(options, graph);
        QuantizedRanges ranges = QuantizedRanges.Take(graph);
        if (calibration is null)
        {
            if (ranges.Input is null)
                throw DiagnosticDescriptors.NotQuantized.Error(null, null,
                    $"without calibration images, a quantization of the input '{graph.InputName}'");
            options = options with { ErrorFeedback = false, Refit = false, BiasCorrection = false };
        }

        QuantizationResult result = new Quantizer(ranges, calibration, options).Run(progress, cancellation);
        // A network that says its own ranges keeps them.
        if (!options.Equalize || calibration is null || ranges.Largest.Count > 0)
            return result;
        // Used where it helps: the calibration images tell.
        Graph equal = CrossLayerEqualization.Run(ranges.Graph, InputCoding.Images(ranges.Graph, calibration), options.Threads);
        QuantizationResult equalized = new Quantizer(ranges with { Graph = equal }, calibration, options).Run(progress, cancellation);
        return equalized.ScoreSignalToNoise > result.ScoreSignalToNoise ? equalized with { IsEqualized = true } : result;
    }

    private QuantizationResult Run(IProgress<(string Tensor, int Done, int Total)>? progress, CancellationToken cancellation)
    {
        for (int i = 0; i < _plan.Steps.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            switch (_plan.Steps[i])
            {
                case LayerStep layer:
                    Layer(layer);
                    break;
                case ConcatStep concat:
                    Join(concat);
                    break;
                case MapStep map:
                    Map(map);
                    break;
                default:
                    Move((MoveStep)_plan.Steps[i]);
                    break;
            }

            Forget(i + 1);
            progress?.Report((_plan.Steps[i].Output, i + 1, _plan.Steps.Count));
        }

        StoredTensor output = _stored[_graph.OutputName];
        string name = _plan.Steps.Any(step => step.Output == _graph.OutputName && step.Forms.HasFlag(Forms.Scores))
            ? _graph.OutputName
            : output.Plain!;
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
        Requantize op = RequantizeFit.Fit([factor], [255], 0, 0, [], false, isUnsigned ? 0 : -limit, limit, format)!;
        string projected = _builder.Add(_builder.Unused(name + ".p"), op, encoding.Scale / factor, name);
        SetIntegers(_builder.Nodes[^1]);
        _stored.Add(name, new StoredTensor(isUnsigned) { Projected = projected, Plain = name, Multiplied = projected, Format = format });
    }

    // The format of an operand is that of the layers that read it; where they differ, the widest.
    private OperandFormat OperandOf(PlannedStep step)
    {
        Node? last = _plan.Steps.OfType<LayerStep>().FirstOrDefault(each => each.Forms.HasFlag(Forms.Scores))?.Producer;
        IEnumerable<Node> multipliedBy = step is ConcatStep concat ? _concats.MultipliedBy(concat) : step.MultipliedBy;
        return multipliedBy.Select(node => _options.Layers.GetValueOrDefault(node.Name)?.Activations
                ?? (step == _plan.Input ? _options.InputFormat : node == last ? _options.LastActivations : _options.Activations))
            .DefaultIfEmpty(_options.Activations)
            .OrderByDescending(format => format.PatternLength == 0).ThenByDescending(format => format.Bits)
                .ThenByDescending(format => format.PatternLength)
            .ThenByDescending(format => format.Terms).First();
    }

    private OperandFormat WeightsOf(LayerStep step) =>
        _options.Layers.GetValueOrDefault(step.Producer!.Name)?.Weights
        ?? (step.Producer.Inputs[0] == _graph.InputName ? _options.FirstFormat
            : step.Forms.HasFlag(Forms.Scores) ? _options.LastFormat : _options.Weights);

    private void Layer(LayerStep step)
    {
        LayerFit fit = new(_graph, step, _maps, _stored, _options, _builder.TypeOf);
        Source source = step.Producer?.Op switch
        {
            null => Tensor(step),
            AveragePool pool => Pool(step, pool),
            _ => Convolution(step, fit),
        };
        fit.Measure(source.A, source.ByValidCount ? null : source.Units);
        StoredTensor stored = new(fit.IsUnsigned);
        List<PatternFormat> formats = [];
        List<OperandReport> values = [];
        double decibels = double.NaN;
        foreach (Forms form in new[] { Forms.Scores, Forms.Plain, Forms.Projected })
        {
            if (!step.Forms.HasFlag(form))
                continue;
            PatternFormat format = form switch
            {
                Forms.Scores => PatternFormat.Int32,
                Forms.Plain => PlainOf(step, fit.IsUnsigned),
                _ => OperandOf(step).WithSign(!fit.IsUnsigned),
            };
            int terms = form == Forms.Projected ? TermsOf(step) : 1;
            double scale = form == Forms.Scores ? fit.ScoreScale(source.Units, source.Reach) : fit.Scale(format, terms);
            string name = Store(step, form, source, fit, format, scale, terms == 2 ? Term.First : Term.Whole);
            formats.Add(format);
            stored = form switch
            {
                Forms.Plain => stored with { Plain = name },
                Forms.Projected when terms == 2 => Second(step, stored with { Projected = name, Format = format }, source, fit, scale),
                Forms.Projected => stored with { Projected = name, Multiplied = name, Format = format },
                _ => stored,
            };
            if (formats.Count == 1)
                decibels = fit.SignalToNoise(terms == 2 ? stored.Multiplied! : name, scale);
            if (form != Forms.Scores)
                values.Add(fit.Report(format, terms, scale));
        }

        foreach ((ConcatStep concat, int index) in step.Places)
        {
            foreach (Forms form in FormsOf(concat))
            {
                PatternFormat format = FormatOf(concat, form);
                double scale = _concats.Scale(concat, format, _options.Clip);
                string name = Store(step, form, source, fit, format, scale, Term.Whole);
                concat.SetPart(form, index, name);
                if (formats.Count == 0)
                    decibels = fit.SignalToNoise(name, scale);
                formats.Add(format);
                values.Add(fit.Report(format, 1, scale));
            }
        }

        _stored.Add(step.Output, stored);
        fit.KeepReal();
        bool hasWeights = step.Producer?.Op is Conv or FullyConnected;
        _reports.Add(new LayerReport(step.Producer?.Name ?? step.Output, hasWeights ? WeightsOf(step).WithSign(true) : null, source.Input,
            formats, decibels)
        {
            WeightValues = source.Weights,
            OutputValues = _maps.Count == 0 ? [] : values,
        });
    }

    private PatternFormat PlainOf(PlannedStep step, bool isUnsigned) =>
        step.Forms.HasFlag(Forms.Byte) ? PatternFormat.Uniform(8, !isUnsigned) : _options.SkipFormat(!isUnsigned);

    private void Map(MapStep step)
    {
        string[] inputs = [.. step.Node.Inputs.Select(input => _stored[input].Plain!)];
        MapFit fit = new(_graph, step.Node, inputs, _maps, _builder.TypeOf);
        StoredTensor stored = new(fit.IsUnsigned);
        List<PatternFormat> formats = [];
        List<OperandReport> values = [];
        double decibels = double.NaN;
        foreach (Forms form in new[] { Forms.Plain, Forms.Projected })
        {
            if (!step.Forms.HasFlag(form))
                continue;
            PatternFormat format = form == Forms.Projected ? OperandOf(step).WithSign(!fit.IsUnsigned)
                : step.Node.Op is PointFunction ? PatternFormat.Uniform(8, !fit.IsUnsigned) : PlainOf(step, fit.IsUnsigned);
            double scale = fit.Scale(format, _options.Clip);
            string wish = StoredTensor.NameOf(step.Output, form, step.Forms);
            string name = _builder.Add(wish, fit.Op(format, scale), inputs, _builder.Unused(wish), scale);
            SetIntegers(_builder.Nodes[^1]);
            if (formats.Count == 0)
                decibels = fit.SignalToNoise(name, scale);
            formats.Add(format);
            values.Add(fit.Report(format, scale));
            stored = form == Forms.Plain
                ? stored with { Plain = name }
                : stored with { Projected = name, Multiplied = name, Format = format };
        }

        _stored.Add(step.Output, stored);
        _maps.Set(step.Output, fit.Real);
        _reports.Add(new LayerReport(step.Node.Name, null, _builder.TypeOf(inputs[0]).Format!.Value, formats,
            decibels) { OutputValues = _maps.Count == 0 ? [] : values });
    }

    private Source Tensor(LayerStep step)
    {
        string a = _stored[step.A].Plain!;
        TensorType type = _builder.TypeOf(a);
        return new Source(a, type.Format!.Value, [.. step.FactorA.Select(factor => factor * type.Scale)], [Reach(type.Format!.Value)],
            false);
    }

    private Source Pool(LayerStep step, AveragePool pool)
    {
        if (pool.CountIncludesPadding && pool.CeilMode)
            throw DiagnosticDescriptors.NoIntegerForm.Error(null, step.Producer!.Name,
                "an average over padding with ceil mode has no integer form");
        string input = _stored[step.Producer!.Inputs[0]].Plain!;
        TensorType type = _builder.TypeOf(input);
        string a = _builder.Add(step.Producer.Name, new SumPool(pool.Geometry, pool.CeilMode), [input],
            _builder.Unused(step.Producer.Name + ".acc"));
        SetIntegers(_builder.Nodes[^1]);
        int window = pool.Geometry.KernelRows * pool.Geometry.KernelColumns;
        bool differ = !pool.CountIncludesPadding && (pool.Geometry.IsPadded || pool.CeilMode);
        double[] units = differ ? [.. Enumerable.Range(1, window).Select(count => type.Scale / count)]
            : [.. step.FactorA.Select(factor => factor * type.Scale / window)];
        return new Source(a, type.Format!.Value, units, [Reach(type.Format!.Value) * window], differ);
    }

    private Source Convolution(LayerStep step, LayerFit fit)
    {
        Node node = step.Producer!;
        StoredTensor input = _stored[node.Inputs[0]];
        TensorType type = _builder.TypeOf(input.Projected!);
        OperandFormat format = WeightsOf(step);
        FittedConv conv = new ConvFit(fit, _graph, _maps, _options).Run(input, type.Scale, format);
        double[] units = [.. conv.Scales.Select((scale, k) => scale * type.Scale * step.FactorA[k])];
        // Each term of the weights meets each of the operand in a pass of its own; the largest come last and keep their full accumulator.
        (string Tensor, IntegerConv Op)[] passes = [.. WeightTerms(conv.Op, format.Terms).Reverse()
            .SelectMany(op => new[] { input.Second, input.Projected }.OfType<string>().Select(tensor => (tensor, op)))];
        bool isInputOfTwoTerms = type.Shape != _graph.TypeOf(node.Inputs[0]).Shape;
        for (int i = 0; ; i++)
        {
            bool isLast = i == passes.Length - 1;
            (string tensor, IntegerConv op) = passes[i];
            op = isLast ? op : op with { Bias = [.. new int[op.Bias.Length]] };
            IntegerConv written = isInputOfTwoTerms ? op with { Weights = Twice(op) } : op;
            string name = i == 0 ? node.Name : string.Create(CultureInfo.InvariantCulture, $"{node.Name}.pass{i + 1}");
            string a = _builder.Add(name, written, [tensor], _builder.Unused(name + ".acc"), type.Scale);
            double[] reach = [.. ProveRanges.Accumulators(written, input.Format).Select(bound => (double)bound)];
            ConvReference run = new(op, _graph.TypeOf(node.Inputs[0]).Shape);
            string read = passes.Length == 1 || isInputOfTwoTerms ? input.Multiplied! : tensor;
            _maps.SetEach(a, n => run.Run(_maps.Integer(read, n)));
            if (isLast)
                return new Source(a, input.Format, units, reach, false) { Weights = conv.Values };
            fit.StorePass(a, units, reach, (requantize, b, scale) => Add(requantize, name + ".sum", a, b, scale));
            _maps.Forget(a);
        }
    }

    private string Store(LayerStep step, Forms form, Source source, LayerFit fit, PatternFormat format, double scale, Term term)
    {
        Requantize? op = fit.Requantize(source.Units, source.Reach, source.ByValidCount, format, scale);
        string wish = StoredTensor.NameOf(step.Output, form, step.Forms) + (term == Term.Second ? ".2" : "");
        return Add(op is null ? null : op with { Term = term }, wish, source.A, fit.Second, scale);
    }

    private string Add(Requantize? op, string wish, string a, string? b, double scale)
    {
        if (op is null)
            throw DiagnosticDescriptors.RequantizeOverflow.Error(null, wish, 0);
        string name = _builder.Add(wish, op, b is null ? [a] : [a, b], _builder.Unused(wish), scale);
        SetIntegers(_builder.Nodes[^1]);
        return name;
    }

    // The second of two terms, and what the convolutions see of both.
    private StoredTensor Second(LayerStep step, StoredTensor stored, Source source, LayerFit fit, double scale)
    {
        string first = stored.Projected!, second = Store(step, Forms.Projected, source, fit, stored.Format, scale, Term.Second);
        // No tensor can have this name.
        string sum = first + "\0";
        _maps.SetEach(sum, n => [.. _maps.Integer(first, n).Zip(_maps.Integer(second, n), (t1, t2) => t1 + t2)]);
        return stored with { Second = second, Multiplied = sum };
    }

    // Maximum and second term do not commute: what goes through moves and concatenations has one term, and so has what maps make.
    private int TermsOf(PlannedStep step) =>
        step is MoveStep or ConcatStep or MapStep || _plan.Steps.Any(each => each switch
        {
            MoveStep move => move.Node.Inputs.Contains(step.Output),
            ConcatStep concat => concat.Node.Inputs.Contains(step.Output),
            _ => false,
        }) ? 1 : OperandOf(step).Terms;

    private static IEnumerable<Forms> FormsOf(PlannedStep step) =>
        new[] { Forms.Plain, Forms.Projected }.Where(form => step.Forms.HasFlag(form));

    private PatternFormat FormatOf(ConcatStep step, Forms form) => form == Forms.Plain
        ? PlainOf(step, _concats.IsUnsigned(step))
        : OperandOf(step).WithSign(!_concats.IsUnsigned(step));

    private void Join(ConcatStep step)
    {
        StoredTensor stored = new(_concats.IsUnsigned(step));
        foreach (Forms form in FormsOf(step))
        {
            string[] parts = [.. step.Node.Inputs.Select((input, i) => step.Parts.GetValueOrDefault(form)?[i]
                ?? (form == Forms.Plain ? _stored[input].Plain! : _stored[input].Projected!))];
            string wish = StoredTensor.NameOf(step.Output, form, step.Forms);
            string name = _builder.Add(step.Node.Name, step.Node.Op, parts, _builder.Unused(wish));
            SetIntegers(_builder.Nodes[^1]);
            stored = form == Forms.Plain ? stored with { Plain = name }
                : stored with { Projected = name, Multiplied = name, Format = _builder.TypeOf(name).Format!.Value };
        }

        _stored.Add(step.Output, stored);
        int[] channels = [.. step.Node.Inputs.Select(input => _graph.TypeOf(input).Shape.Channels)];
        _maps.Set(step.Output,
            _maps.ForEach(n => MoveReference.Concat([.. step.Node.Inputs.Select(input => _maps.Real(input)[n])], channels)));
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
            SetIntegers(_builder.Nodes[^1]);
            stored = form == Forms.Plain ? stored with { Plain = name }
                : stored with { Projected = name, Multiplied = name, Format = _builder.TypeOf(name).Format!.Value };
        }

        _stored.Add(step.Output, stored);
        Shape before = _graph.TypeOf(step.Node.Inputs[0]).Shape, after = _graph.TypeOf(step.Output).Shape;
        _maps.Set(step.Output, LayerFit.RunFloat(step.Node.Op, before, after, _maps, _maps.Real(step.Node.Inputs[0])));
    }

    private void SetIntegers(Node node)
    {
        Node? producer = _builder.Nodes.FirstOrDefault(each => each.Output == node.Inputs[0]);
        Func<Func<string, int[]>, int[]> run = IntegerReference.Prepare(node, _builder.TypeOf, producer);
        _maps.SetEach(node.Output, n => run(tensor => _maps.Integer(tensor, n)));
    }

    private static IEnumerable<IntegerConv> WeightTerms(IntegerConv op, int terms)
    {
        if (terms == 1)
            return [op];
        sbyte[] first = [.. op.Weights.Select(w => (sbyte)Projection.FirstTerm(w, op.WeightFormat))];
        return [op with { Weights = [.. first] }, op with { Weights = [.. op.Weights.Select((w, i) => (sbyte)(w - first[i]))] }];
    }

    private static ImmutableArray<sbyte> Twice(IntegerConv conv)
    {
        int row = conv.Weights.Length / conv.OutputChannels;
        return [.. Enumerable.Range(0, conv.OutputChannels)
            .SelectMany(k => Enumerable.Repeat(conv.Weights.AsSpan(k * row, row).ToArray(), 2)).SelectMany(each => each)];
    }

    private static double Reach(PatternFormat format) => Math.ScaleB(1, format.MagnitudeBits);

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
            if (step is ConcatStep { Parts: { } parts })
                integer.UnionWith(parts.Values.SelectMany(each => each).OfType<string>());

            foreach (string? tensor in reads)
            {
                if (tensor is null)
                    continue;
                real.Add(tensor);
                if (_stored.TryGetValue(tensor, out StoredTensor? stored))
                    integer.UnionWith(new[] { stored.Plain, stored.Projected, stored.Second, stored.Multiplied }.OfType<string>());
            }
        }

        _maps.Keep(real, integer);
    }

    /// <summary>What a layer's output is requantized from.</summary>
    /// <param name="A">Accumulator or stored tensor.</param>
    /// <param name="Input">Format of what the layer reads.</param>
    /// <param name="Units">Real output for one of a: by channel, or by count of valid elements.</param>
    /// <param name="Reach">Largest |a|: by channel, or one.</param>
    /// <param name="ByValidCount">Whether the windows of a pool differ.</param>
    private sealed record Source(string A, PatternFormat Input, double[] Units, double[] Reach, bool ByValidCount)
    {
        /// <summary>What became of the weights, or null.</summary>
        public OperandReport? Weights { get; init; }
    }
}

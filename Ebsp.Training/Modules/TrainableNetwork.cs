using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;
using Ebsp.Training.Native;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Ebsp.Training.Modules;

/// <summary>Sees, and may change, the values of an array or scale.</summary>
/// <param name="name">Its name.</param>
/// <param name="values">Its values, in place.</param>
internal delegate void ValuesVisitor(string name, Span<float> values);

/// <summary>
/// A network of the plan's steps in tensor operations: what the integer network computes, in real numbers that learn. Where a step stores
/// a tensor, the tensor is rounded and projected as the machine does; with that switched off it is the float network.
/// </summary>
internal sealed class TrainableNetwork : IDisposable
{
    private readonly QuantizationPlan _plan;
    private readonly Graph _graph;
    private readonly Dictionary<string, TrainedLayer> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Step, PatternFormat Format, int Terms), LearnedScale> _scales = [];
    private readonly Dictionary<string, TrainedForm[]> _forms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _kinds = new(StringComparer.Ordinal);
    private EmittedPlan? _emitted;

    /// <summary>The float network of a plan.</summary>
    /// <param name="plan">The plan.</param>
    public TrainableNetwork(QuantizationPlan plan)
    {
        (_plan, _graph) = (plan, plan.Graph);
        foreach (LayerStep step in plan.Steps.OfType<LayerStep>())
        {
            int channels = step.FactorA.Length;
            if (step.Producer is { Op: Conv or FullyConnected } node)
            {
                Conv conv = plan.ConvolutionOf(node);
                _layers.Add(step.Output, new TrainedLayer(node, conv, [.. conv.Weights], [.. conv.Bias], null));
            }

            if (step.FactorA.Any(factor => factor != 1))
                AddConstant(step.Output + ".factor", step.FactorA);
            if (step.Offset.Any(offset => offset != 0))
                AddConstant(step.Output + ".offset", step.Offset);
        }
    }

    /// <summary>The plan.</summary>
    public QuantizationPlan Plan => _plan;

    /// <summary>The numbers that quantization started it with, or null for a float network.</summary>
    public EmittedPlan? Emitted => _emitted;

    /// <summary>The layers that learn, in order, by the tensor that their step stores.</summary>
    public IEnumerable<(string Tensor, TrainedLayer Layer)> Layers =>
        _plan.Steps.Where(step => _layers.ContainsKey(step.Output)).Select(step => (step.Output, _layers[step.Output]));

    /// <summary>All scales in a fixed order: of weights, then of stored tensors.</summary>
    public IEnumerable<LearnedScale> Scales => Layers.Select(each => each.Layer.Scale).OfType<LearnedScale>()
        .Concat(_scales.Values.Distinct().OrderBy(scale => scale.Name, StringComparer.Ordinal));

    /// <summary>All arrays in a fixed order.</summary>
    public IEnumerable<Trained> Arrays => Layers.SelectMany(each => each.Layer.Arrays);

    /// <summary>Visits the values of arrays, then of scales, in their order and in place.</summary>
    /// <param name="visit">Takes the name and the values.</param>
    /// <param name="takes">Which arrays; null for all.</param>
    public void Visit(ValuesVisitor visit, Func<Trained, bool>? takes = null)
    {
        foreach (Trained array in Arrays.Where(array => takes is null || takes(array)))
            visit(array.Name, array.Floats);
        foreach (LearnedScale scale in Scales)
            visit(scale.Name, scale.Values);
    }

    /// <summary>Whether tensors and weights are stored on their formats.</summary>
    public bool IsQuantized { get; set; }

    /// <summary>Told the name of each stored tensor and its real value, or null.</summary>
    public Action<string, Tensor>? Observer { get; set; }

    /// <summary>Takes the formats and scales of a quantization of the same plan, and its weights.</summary>
    /// <param name="emitted">What the quantizer found.</param>
    /// <param name="takesWeights">Whether the weights become those that the integers stand for; else they stay.</param>
    public void Quantize(EmittedPlan emitted, bool takesWeights)
    {
        _emitted = emitted;
        IsQuantized = true;
        foreach ((string tensor, TrainedLayer layer) in Layers)
        {
            LayerWeights weights = emitted.Weights[tensor];
            LayerStep step = (LayerStep)_plan.StepOf(tensor);
            PatternFormat format = step.Weights!.Value.WithSign(signed: true);
            layer.Scale = new LearnedScale(layer.Node.Name + ".weight.scale", [.. weights.Scales.Select(scale => (float)scale)], format,
                step.Weights.Value.Terms) { IsOfWeights = true };
            if (!takesWeights)
                continue;
            Span<float> to = layer.Weight.Floats, bias = layer.Bias.Floats;
            int row = to.Length / weights.Scales.Length;
            double input = InputScale(layer.Node);
            for (int i = 0; i < to.Length; i++)
                to[i] = weights.Values[i] * layer.Scale.Values[i / row];
            for (int k = 0; k < bias.Length; k++)
                bias[k] = (float)(weights.Bias[k] * weights.Scales[k] * input);
        }

        foreach ((string tensor, ImmutableArray<double> offsets) in emitted.Offsets)
        {
            if (offsets.Any(offset => offset != 0))
                AddConstant(tensor + ".offset", offsets);
        }

        foreach (PlannedStep step in _plan.Steps)
            AddForms(step, emitted.Steps[step.Output]);
    }

    /// <summary>Takes another type, such as double precision to check the gradients of a float network.</summary>
    public void To(ScalarType type)
    {
        foreach (Trained array in Arrays)
            array.To(type);
        foreach ((string name, Tensor constant) in _constants.ToArray())
        {
            _constants[name] = constant.to(type).DetachFromDisposeScope();
            constant.Dispose();
        }
    }

    /// <summary>The scale of a form, for the emission.</summary>
    public double ScaleOf(string tensor, PatternFormat format, int terms) => _scales[(tensor, format, terms)].Values[0];

    /// <summary>What is added to each channel of a layer.</summary>
    public ImmutableArray<double> OffsetsOf(string tensor) => _emitted!.Offsets[tensor];

    /// <summary>Runs a batch.</summary>
    /// <param name="images">N x C x H x W: real values, or as the machine reads them where the network is quantized.</param>
    /// <param name="isTraining">Whether batch normalization goes by the batch.</param>
    /// <returns>Scores, N x K; of a network that ends in a map N x K x H x W.</returns>
    public Tensor Run(Tensor images, bool isTraining)
    {
        Dictionary<string, Value> values = new(StringComparer.Ordinal) { [_graph.InputName] = Input(images) };
        foreach (PlannedStep step in _plan.Steps)
        {
            using DisposeScope scope = NewDisposeScope();
            Value value = step switch
            {
                LayerStep layer => Layer(layer, values, isTraining),
                ConcatStep concat => Concat(concat, values),
                MoveStep move => Move(move, values),
                _ => Map((MapStep)step, values),
            };
            foreach (Tensor tensor in value.All)
                tensor.MoveToOuterDisposeScope();
            values.Add(step.Output, value);
        }

        Tensor output = values[_graph.OutputName].Plain;
        return output.shape is [_, _, 1, 1] ? output.flatten(1) : output;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TrainedLayer layer in _layers.Values)
            layer.Dispose();
        foreach (Tensor constant in _constants.Values)
            constant.Dispose();
    }

    private double InputScale(Node layer) => _emitted!.Steps[layer.Inputs[0]].Stored.Projected!.Type.Scale;

    private void AddForms(PlannedStep step, EmittedStep emitted)
    {
        List<TrainedForm> forms = [];
        List<string> names = [];
        (float minimum, float maximum) = step is LayerStep layer ? (layer.Minimum, layer.Maximum)
            : (float.NegativeInfinity, float.PositiveInfinity);
        foreach (WrittenForm written in emitted.Written.Where(form => form.Form != Forms.Scores))
        {
            PatternFormat format = written.First.Format;
            string owner = written.Place is { } place ? ((ConcatStep)_plan.StepOf(place.Concat)).Root : step.Output;
            (string, PatternFormat, int) key = (owner, format, written.Terms);
            if (!_scales.TryGetValue(key, out LearnedScale? scale))
            {
                scale = new LearnedScale($"{owner}.{format}{(written.Terms == 2 ? "x2" : "")}.scale", [(float)written.First.Type.Scale],
                    format, written.Terms);
                _scales.Add(key, scale);
            }

            forms.Add(new TrainedForm(scale, minimum, maximum));
            names.Add(written.Place is null ? written.Form.ToString()
                : $"{written.Place.Value.Concat}/{written.Place.Value.Index}/{written.Form}");
        }

        _forms[step.Output] = [.. forms];
        _kinds[step.Output] = [.. names];
    }

    private void AddConstant(string name, ImmutableArray<double> values)
    {
        if (_constants.Remove(name, out Tensor? before))
            before.Dispose();
        _constants.Add(name, tensor(values.ToArray(), dtype: ScalarType.Float32).view(1, -1, 1, 1).DetachFromDisposeScope());
    }

    private Value Input(Tensor images)
    {
        if (!IsQuantized || _emitted!.Steps[_graph.InputName].Stored is not { Plain: { } plain, Projected: { } projected }
            || projected.Name == plain.Name)
            return new Value(images, images) { Unit = _emitted?.Input.Scale ?? 0 };
        // It is added or pooled too: plain integers, and the operand made from them on a fixed scale.
        LearnedScale scale = new("", [(float)projected.Type.Scale], projected.Format, 1);
        return new Value(images, StoreFunction.Of(images, [new TrainedForm(scale, float.NegativeInfinity, float.PositiveInfinity)])[0])
        {
            Unit = scale.Values[0],
        };
    }

    private Value Layer(LayerStep step, Dictionary<string, Value> values, bool isTraining)
    {
        Tensor x = step.Producer switch
        {
            null => values[step.A].Plain,
            { Op: AveragePool pool } node => Pools.Average(values[node.Inputs[0]].Plain, pool, Size(node.Output)),
            { } node => _layers[step.Output].Run(values[node.Inputs[0]].Projected, IsQuantized, isTraining,
                is_grad_enabled() ? 0 : values[node.Inputs[0]].Unit),
        };
        if (_constants.TryGetValue(step.Output + ".factor", out Tensor? factor))
            x = x * factor;
        if (step.B is not null)
            x = x.Plus(step.FactorB == 1 ? values[step.B].Plain : values[step.B].Plain.Times(step.FactorB));
        if (_constants.TryGetValue(step.Output + ".offset", out Tensor? offset))
            x = x.Plus(offset);
        Observer?.Invoke(step.Output, x);
        if (!IsQuantized || _forms[step.Output].Length == 0)
            return new Value(Clamped(x, step.Minimum, step.Maximum));
        return Stored(step.Output, x);
    }

    private static Tensor Clamped(Tensor x, float minimum, float maximum) => (minimum, maximum) switch
    {
        (float.NegativeInfinity, float.PositiveInfinity) => x,
        (0, float.PositiveInfinity) => functional.relu(x),
        (_, float.PositiveInfinity) => x.AtLeast(minimum),
        (float.NegativeInfinity, _) => x.AtMost(maximum),
        _ => x.AtLeast(minimum).AtMost(maximum),
    };

    private Value Stored(string tensor, Tensor x)
    {
        List<Tensor> stored = StoreFunction.Of(x, _forms[tensor]);
        string[] kinds = _kinds[tensor];
        int plain = Array.IndexOf(kinds, nameof(Forms.Plain)), projected = Array.IndexOf(kinds, nameof(Forms.Projected));
        // A form that nothing asks for is never read.
        Value value = new(stored[plain < 0 ? 0 : plain], stored[projected < 0 ? 0 : projected])
        {
            Unit = projected < 0 ? 0 : _forms[tensor][projected].Scale.Values[0],
        };
        for (int i = 0; i < kinds.Length; i++)
        {
            if (kinds[i].Contains('/', StringComparison.Ordinal))
                value.Parts[kinds[i]] = stored[i];
        }

        return value;
    }

    private Value Concat(ConcatStep step, Dictionary<string, Value> values)
    {
        Tensor[] Parts(Forms form) => [.. step.Node.Inputs.Select((input, i) =>
            values[input].Parts.GetValueOrDefault($"{step.Output}/{i}/{form}") ?? Rescaled(i, form)
            ?? values[input].In(form))];
        Tensor? Rescaled(int index, Forms form) => values.Values.Select(value =>
            value.Parts.GetValueOrDefault($"{step.Output}/{index}/{form}")).FirstOrDefault(part => part is not null);
        return !IsQuantized ? new Value(cat(Parts(Forms.Plain), 1))
            : new Value(step.Forms.HasFlag(Forms.Plain) ? cat(Parts(Forms.Plain), 1) : null,
                step.Forms.HasFlag(Forms.Projected) ? cat(Parts(Forms.Projected), 1) : null)
            {
                Unit = _emitted!.Steps[step.Output].Stored.Projected is { } whole
                    && _scales.TryGetValue((step.Root, whole.Format, 1), out LearnedScale? scale) ? scale.Values[0] : 0,
            };
    }

    private Value Move(MoveStep step, Dictionary<string, Value> values)
    {
        Value input = values[step.Node.Inputs[0]];
        (int height, int width) = Size(step.Output);
        Tensor plain = Moved(input.Plain);
        return new Value(plain, ReferenceEquals(input.Plain, input.Projected) ? plain : Moved(input.Projected)) { Unit = input.Unit };

        Tensor Moved(Tensor x) => step.Node.Op switch
        {
            MaxPool pool => Pools.Max(x, pool, (height, width)),
            Slice s => x.index([TensorIndex.Colon, Range(s.StartChannel, s.Channels, 1), Range(s.StartY, s.Rows, s.StepY),
                Range(s.StartX, s.Columns, s.StepX)]),
            Pad p => functional.pad(x, [p.Left, p.Right, p.Top, p.Bottom, p.ChannelsBefore, p.ChannelsAfter]),
            _ => throw new NotSupportedException(step.Node.Op.GetType().Name),
        };

        static TensorIndex Range(int start, int count, int step) => TensorIndex.Slice(start, start + (count - 1) * step + 1, step);
    }

    private Value Map(MapStep step, Dictionary<string, Value> values)
    {
        Tensor[] inputs = [.. step.Node.Inputs.Select(input => values[input].Plain)];
        Tensor x = step.Node.Op switch
        {
            Multiply => inputs[0] * inputs[1],
            LocalResponseNorm norm => Pools.LocalResponse(inputs[0], norm),
            PointFunction function => Points.Run(inputs[0], function),
            _ => throw new NotSupportedException(step.Node.Op.GetType().Name),
        };
        Observer?.Invoke(step.Output, x);
        return IsQuantized && _forms[step.Output].Length > 0 ? Stored(step.Output, x) : new Value(x);
    }

    private (int Height, int Width) Size(string tensor) => (_graph.TypeOf(tensor).Shape.Height, _graph.TypeOf(tensor).Shape.Width);

    /// <summary>A tensor in the forms in which it is stored.</summary>
    private sealed class Value(Tensor? plain, Tensor? projected)
    {
        public Value(Tensor both)
            : this(both, both)
        {
        }

        /// <summary>Real value of a unit of the projected form; 0 where it is not stored.</summary>
        public double Unit { get; init; }

        public Tensor Plain => plain ?? projected!;

        public Tensor Projected => projected ?? plain!;

        public Dictionary<string, Tensor> Parts { get; } = new(StringComparer.Ordinal);

        public IEnumerable<Tensor> All => new[] { plain, projected }.OfType<Tensor>().Concat(Parts.Values).Distinct();

        public Tensor In(Forms form) => form == Forms.Plain ? Plain : Projected;
    }
}

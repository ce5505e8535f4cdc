using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>
/// Finds the tensors that an integer network stores: an accumulator takes the affine step, the addition and the clamp behind it with
/// it, as long as nothing else reads what lies between, and is written in the forms that its readers ask for.
/// </summary>
internal sealed class Planner
{
    private readonly Graph _graph;
    private readonly QuantizerOptions _options;
    private readonly ILookup<string, Node> _readers;
    private readonly Dictionary<string, LayerStep> _pending = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PlannedStep> _stored = new(StringComparer.Ordinal);
    private readonly List<PlannedStep> _steps = [];

    // What readers ask of a stored tensor.
    private readonly Dictionary<string, Forms> _forms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Node>> _multipliedBy = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ConcatPlace>> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _into = new(StringComparer.Ordinal);

    public Planner(Graph graph, QuantizerOptions options)
    {
        _graph = graph;
        _options = options;
        _readers = graph.Nodes.SelectMany(node => node.Inputs.Distinct().Select(tensor => (tensor, node)))
            .ToLookup(pair => pair.tensor, pair => pair.node);
        _stored.Add(graph.InputName, new InputStep(graph.InputName));
    }

    /// <exception cref="EbspException">EBSP2011: an operation has no integer form.</exception>
    public QuantizationPlan Run()
    {
        foreach (Node node in _graph.Nodes)
            Take(node);
        foreach (GraphOutput output in _graph.Outputs)
            Ask(output.Name, _pending.ContainsKey(output.Name) || _stored[output.Name] is LayerStep ? Forms.Scores : Forms.Plain, null);
        HashSet<Node> last = [.. _steps.OfType<LayerStep>().Where(step => FormsOf(step).HasFlag(Forms.Scores))
            .Select(step => step.Producer).OfType<Node>()];
        InputStep input = (InputStep)Whole(_stored[_graph.InputName], last);
        return new QuantizationPlan(_graph, input, Math.Max(_options.InputTerms, OperandOf(input, last).Terms),
            [.. _steps.Select(step => Whole(step, last))]);
    }

    // A step with all that was asked of it.
    private PlannedStep Whole(PlannedStep step, HashSet<Node> last)
    {
        Forms forms = FormsOf(step);
        OperandFormat operand = OperandOf(step, last);
        step = step with
        {
            Forms = forms,
            MultipliedBy = [.. _multipliedBy.GetValueOrDefault(step.Output) ?? []],
            MayHaveTwoTerms = MayHaveTwoTerms(step),
            Operand = MayHaveTwoTerms(step) ? operand : operand with { Terms = 1 },
            PlainBits = forms.HasFlag(Forms.Byte) || step is MapStep { Node.Op: PointFunction } ? 8 : IsAssembledOutput(step) ? 16
                : _options.SkipBits,
        };
        return step switch
        {
            LayerStep layer => layer with { Places = [.. _places.GetValueOrDefault(step.Output) ?? []], Weights = WeightsOf(layer) },
            ConcatStep concat => concat with { Root = RootOf(step.Output) },
            _ => step,
        };
    }

    // What is put together for the host alone has no reader that asks for 8 bits; what lies in it has its format.
    private bool IsAssembledOutput(PlannedStep step) => step is ConcatStep && _steps.OfType<ConcatStep>()
        .Where(each => RootOf(each.Output) == RootOf(step.Output))
        .All(each => each.Node.Op is Assemble && _readers[each.Output].All(reader => _into.GetValueOrDefault(each.Output) == reader.Output
            || (reader.Op is ChannelAffine && _graph.IsOutput(reader.Output))));

    private Forms FormsOf(PlannedStep step) => _forms.GetValueOrDefault(step.Output);

    private string RootOf(string concat) => _into.TryGetValue(concat, out string? outer) ? RootOf(outer) : concat;

    // The format of an operand is that of the layers that read it; where they differ, the widest. Parts of concatenations have the format
    // that suits all.
    private OperandFormat OperandOf(PlannedStep step, HashSet<Node> last)
    {
        IEnumerable<string> tensors = step is not ConcatStep ? [step.Output]
            : _steps.Where(each => each is ConcatStep && RootOf(each.Output) == RootOf(step.Output)).Select(each => each.Output);
        return tensors.SelectMany(tensor => _multipliedBy.GetValueOrDefault(tensor) ?? [])
            .Select(node => _options.Layers.GetValueOrDefault(node.Name)?.Activations
                ?? (step is InputStep ? _options.InputFormat : last.Contains(node) ? _options.LastActivations : _options.Activations))
            .DefaultIfEmpty(_options.Activations)
            .OrderByDescending(format => format.PatternLength == 0).ThenByDescending(format => format.Bits)
            .ThenByDescending(format => format.PatternLength).ThenByDescending(format => format.Terms).First();
    }

    private OperandFormat? WeightsOf(LayerStep step) => step.Producer is not { Op: Conv or FullyConnected } layer ? null
        : _options.Layers.GetValueOrDefault(layer.Name)?.Weights
            ?? (layer.Inputs[0] == _graph.InputName ? _options.FirstFormat
                : step.Forms.HasFlag(Forms.Scores) ? _options.LastFormat : _options.Weights);

    private bool MayHaveTwoTerms(PlannedStep step) => step is not (MoveStep or ConcatStep or MapStep) && !_steps.Any(each => each switch
    {
        MoveStep move => move.Node.Inputs.Contains(step.Output),
        ConcatStep concat => concat.Node.Inputs.Contains(step.Output),
        _ => false,
    });

    private void Take(Node node)
    {
        string input = node.Inputs[0];
        int channels = _graph.TypeOf(node.Output).Shape.Channels;
        switch (node.Op)
        {
            case Conv or FullyConnected:
                Ask(input, Forms.Projected, node);
                _pending.Add(node.Output, Fresh(node, node.Output, channels));
                break;
            case AveragePool:
                Ask(input, Forms.Plain, node);
                _pending.Add(node.Output, Fresh(node, node.Output, channels));
                break;
            case ChannelAffine affine:
                LayerStep scaled = Absorb(node, input, step => step.B is null && IsUnclamped(step) && !CountsValid(step))
                    ?? Stored(input, node.Output, channels);
                _pending.Add(node.Output, scaled with
                {
                    FactorA = [.. scaled.FactorA.Select((factor, c) => factor * affine.Factor[c])],
                    Offset = [.. scaled.Offset.Select((offset, c) => offset * affine.Factor[c] + affine.Offset[c])],
                });
                break;
            case Clamp clamp:
                LayerStep clamped = Absorb(node, input, _ => true) ?? Stored(input, node.Output, channels);
                _pending.Add(node.Output, clamped with
                {
                    Minimum = Math.Clamp(clamped.Minimum, clamp.Minimum, clamp.Maximum),
                    Maximum = Math.Clamp(clamped.Maximum, clamp.Minimum, clamp.Maximum),
                });
                break;
            case Add or Subtract:
                _pending.Add(node.Output, Sum(node, channels, node.Op is Subtract ? -1 : 1));
                break;
            case Multiply or LocalResponseNorm or PointFunction:
                if (node.Op is PointFunction function)
                    Bound(node, function.Bounds);
                foreach (string factor in node.Inputs)
                    Ask(factor, node.Op is PointFunction ? Forms.Plain | Forms.Byte : Forms.Plain, null);
                Store(node.Output, new MapStep(node.Output, node));
                break;
            case Concat or Assemble:
                Join(node);
                break;
            case MaxPool or Slice or Pad:
                Ask(input, Forms.None, null);
                Store(node.Output, new MoveStep(node.Output, node));
                break;
            default:
                throw DiagnosticDescriptors.NoIntegerForm.Error(null, node.Name, $"{node.Op.GetType().Name} has no integer form here");
        }
    }

    // A table of 256 entries over few values of its input's scale: what lies where the function is constant takes none of them.
    private void Bound(Node node, (double Least, double Most) bounds)
    {
        string input = node.Inputs[0];
        if (Absorb(node, input, _ => true) is { } step)
        {
            float least = (float)bounds.Least, most = (float)bounds.Most;
            _pending.Add(input, step with { Output = input, Minimum = Math.Clamp(step.Minimum, least, most),
                Maximum = Math.Clamp(step.Maximum, least, most) });
        }
    }

    // What a layer makes is written into the concatenation by that layer; what else is stored goes through a rescaling step. A
    // concatenation that has no place yet lies in this one as it is.
    private void Join(Node node)
    {
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            string part = node.Inputs[i];
            Ask(part, Forms.None, null);
            if (_stored[part] is ConcatStep && !_into.ContainsKey(part) && !_graph.IsOutput(part)
                && node.Inputs.Count(each => each == part) == 1)
                _into.Add(part, node.Output);
            else
                AddTo(_places, _stored[part] is LayerStep ? part : Rescaled(part, node.Output, i), new ConcatPlace(node.Output, i));
        }

        Store(node.Output, new ConcatStep(node.Output, node));
    }

    private string Rescaled(string tensor, string concat, int index)
    {
        string name = $"{concat}.{index}";
        while (_graph.Types.ContainsKey(name))
            name += "'";
        Store(name, Stored(tensor, name, _graph.TypeOf(tensor).Shape.Channels));
        return name;
    }

    // x + sign * y
    private LayerStep Sum(Node node, int channels, int sign)
    {
        string x = node.Inputs[0], y = node.Inputs[1];
        if (x == y)
        {
            LayerStep doubled = Stored(x, node.Output, channels);
            return doubled with { FactorA = [.. doubled.FactorA.Select(factor => (1 + sign) * factor)] };
        }

        int signOfX = 1, signOfY = sign;

        // The accumulator that is made last takes the other operand, which is stored before it.
        if (Order(x) < Order(y))
            (x, y, signOfX, signOfY) = (y, x, signOfY, signOfX);
        foreach ((string a, int signOfA, string b, int signOfB) in new[] { (x, signOfX, y, signOfY), (y, signOfY, x, signOfX) })
        {
            if (Absorb(node, a, step => step.B is null && step.Producer is not null && IsUnclamped(step)
                && !CountsValid(step)) is not { } taker)
                continue;
            Ask(b, Forms.Plain, node);
            return Signed(taker, signOfA) with { B = b, FactorB = signOfB };
        }

        LayerStep stored = Stored(x, node.Output, channels);
        Ask(y, Forms.Plain, node);
        return Signed(stored, signOfX) with { B = y, FactorB = signOfY };

        static LayerStep Signed(LayerStep step, int sign) => sign > 0 ? step
            : step with { FactorA = [.. step.FactorA.Select(factor => -factor)], Offset = [.. step.Offset.Select(offset => -offset)] };

        int Order(string tensor) => _pending.TryGetValue(tensor, out LayerStep? step) && step.Producer is { } producer
            ? _graph.Nodes.IndexOf(producer)
            : -1;
    }

    private static LayerStep Fresh(Node? producer, string a, int channels) =>
        new(a, producer, a, Fill(channels, 1), null, 0, Fill(channels, 0), float.NegativeInfinity, float.PositiveInfinity);

    private LayerStep Stored(string tensor, string output, int channels)
    {
        Ask(tensor, Forms.Plain, null);
        return Fresh(null, tensor, channels) with { Output = output };
    }

    private LayerStep? Absorb(Node reader, string tensor, Func<LayerStep, bool> fits)
    {
        if (_graph.IsOutput(tensor) || _readers[tensor].Any(each => each != reader)
            || !_pending.TryGetValue(tensor, out LayerStep? step) || !fits(step))
            return null;
        _pending.Remove(tensor);
        return step with { Output = reader.Output };
    }

    private static bool IsUnclamped(LayerStep step) => step is { Minimum: float.NegativeInfinity, Maximum: float.PositiveInfinity };

    private static bool CountsValid(LayerStep step) =>
        step.Producer?.Op is AveragePool { CountIncludesPadding: false, Geometry.IsPadded: true } or AveragePool { CeilMode: true };

    // Stores what is pending, and passes the wish on through moves.
    private void Ask(string tensor, Forms forms, Node? multiplier)
    {
        if (_pending.Remove(tensor, out LayerStep? step))
            Store(tensor, step with { Output = tensor });
        _forms[tensor] = _forms.GetValueOrDefault(tensor) | forms;
        if (multiplier is not null && forms == Forms.Projected)
            AddTo(_multipliedBy, tensor, multiplier);
        if (_stored[tensor] is MoveStep move && forms != Forms.None)
            Ask(move.Node.Inputs[0], forms, multiplier);
        if (_stored[tensor] is not ConcatStep concat || forms == Forms.None)
            return;
        foreach (string part in concat.Node.Inputs.Distinct())
        {
            if (_into.GetValueOrDefault(part) == tensor)
                Ask(part, forms, multiplier);
        }
    }

    private void Store(string tensor, PlannedStep step)
    {
        _stored.Add(tensor, step);
        _steps.Add(step);
    }

    private static void AddTo<T>(Dictionary<string, List<T>> lists, string tensor, T item)
    {
        if (!lists.TryGetValue(tensor, out List<T>? list))
            lists.Add(tensor, list = []);
        list.Add(item);
    }

    private static ImmutableArray<double> Fill(int channels, double value) => [.. Enumerable.Repeat(value, channels)];
}

using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>
/// Writes the integer graph of a plan with given numbers: the one way from scales to integers, whether calibration found them, training
/// learned them or an already quantized network declares them.
/// </summary>
public sealed partial class GraphEmitter
{
    private static readonly Forms[] Stores = [Forms.Plain, Forms.Projected];

    private readonly QuantizationPlan _plan;
    private readonly IScaleSource _scales;
    private readonly GraphBuilder _builder;
    private readonly Dictionary<string, StoredTensor> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<(ConcatPlace Place, Forms Form), IntegerTensor> _parts = [];

    private GraphEmitter(QuantizationPlan plan, IScaleSource scales)
    {
        Graph graph = plan.Graph;
        _plan = plan;
        _scales = scales;
        _builder = new GraphBuilder(graph.Name, graph.InputName, graph.InputShape, scales.Input)
        {
            Preprocessing = graph.Preprocessing, Labels = graph.Labels,
        };
    }

    /// <summary>Emits the graph.</summary>
    /// <param name="plan">What is stored, in which formats.</param>
    /// <param name="scales">The numbers.</param>
    /// <param name="progress">Told the name of each tensor as it is stored, how many are, and how many there will be.</param>
    /// <param name="cancellation">Stops between tensors.</param>
    /// <returns>The integer graph, verified and proved.</returns>
    /// <exception cref="EbspException">EBSP2011: an operation has no integer form. EBSP2014, EBSP2015: an accumulator or a requantization
    /// may overflow.</exception>
    public static Graph Run(QuantizationPlan plan, IScaleSource scales,
        IProgress<(string Tensor, int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(scales);
        return new GraphEmitter(plan, scales).Run(progress, cancellation);
    }

    private Graph Run(IProgress<(string Tensor, int Done, int Total)>? progress, CancellationToken cancellation)
    {
        Finish(_plan.Input, Input());
        for (int i = 0; i < _plan.Steps.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            PlannedStep step = _plan.Steps[i];
            Finish(step, step switch
            {
                LayerStep layer => Layer(layer),
                ConcatStep concat => Join(concat),
                MapStep map => Map(map),
                _ => Move((MoveStep)step),
            });
            progress?.Report((step.Output, i + 1, _plan.Steps.Count));
        }

        Graph graph = _builder.Build([.. _plan.Graph.Outputs.Select(output => output with
        {
            Name = _plan.StepOf(output.Name).Forms.HasFlag(Forms.Scores) ? output.Name : _stored[output.Name].Plain!.Name,
        })]) with
        {
            InputChannelsLast = _plan.Graph.InputChannelsLast,
        };
        Verifier.Verify(graph);
        IReadOnlyList<Diagnostic> unproved = ProveRanges.Check(graph);
        return unproved.Count == 0 ? graph : throw new EbspException(unproved);
    }

    private void Finish(PlannedStep step, EmittedStep emitted)
    {
        _stored.Add(step.Output, emitted.Stored);
        _scales.Finished(step, emitted);
    }

    private EmittedStep Input()
    {
        InputStep step = _plan.Input;
        InputEncoding encoding = _scales.Input;
        IntegerTensor input = Tensor(step.Output);
        bool isUnsigned = !encoding.Format.Signed;
        StoredTensor stored = new(isUnsigned) { Projected = input, Plain = encoding.Format.IsPattern ? null : input };
        if (!encoding.Format.IsPattern && step.Forms.HasFlag(Forms.Projected) && step.Operand.PatternLength != 0)
        {
            // Something adds or pools the input too: it comes as plain integers, and the operand is made from them on the same scale.
            PatternFormat format = step.FormatOf(Forms.Projected, isUnsigned);
            int limit = (1 << format.MagnitudeBits) - 1;
            double factor = Math.Min(1, limit / 255.0 * (isUnsigned ? 1 : 255.0 / 127));
            Requantize op = RequantizeFit.Fit([factor], [255], 0, 0, [], false, isUnsigned ? 0 : -limit, limit, format)!;
            stored = stored with { Projected = Add(step.Output + ".p", op, encoding.Scale / factor, step.Output) };
        }

        return new EmittedStep(stored, encoding.Format, []);
    }

    private EmittedStep Join(ConcatStep step)
    {
        StoredTensor stored = new(IsUnsigned(step));
        foreach (Forms form in StoresOf(step))
        {
            string[] parts = [.. step.Node.Inputs.Select((input, i) =>
                (_parts.GetValueOrDefault((new ConcatPlace(step.Output, i), form)) ?? _stored[input].In(form)!).Name)];
            stored = stored.With(form, Add(StoredTensor.NameOf(step.Output, form, step.Forms), step.Node.Op, 1, parts, step.Node.Name));
        }

        return new EmittedStep(stored, default, []);
    }

    private EmittedStep Move(MoveStep step)
    {
        StoredTensor input = _stored[step.Node.Inputs[0]], stored = new(input.IsUnsigned);
        foreach (Forms form in StoresOf(step))
            stored = stored.With(form, Add(StoredTensor.NameOf(step.Output, form, step.Forms), step.Node.Op, 1, input.In(form)!.Name));
        return new EmittedStep(stored, default, []);
    }

    private bool IsUnsigned(ConcatStep step) => _plan.IsNeverNegative(step.Root);

    private static IEnumerable<Forms> StoresOf(PlannedStep step) => Stores.Where(form => step.Forms.HasFlag(form));

    private IntegerTensor Tensor(string name) => new(name, _builder.TypeOf(name));

    private IntegerTensor Add(string wish, Op op, double scale, params ReadOnlySpan<string> inputs) => Add(wish, op, scale, inputs, wish);

    // Adds a node; its tensor has the wished name, or that with a number.
    private IntegerTensor Add(string wish, Op op, double scale, ReadOnlySpan<string> inputs, string node)
    {
        string name = _builder.Add(node, op, inputs, _builder.Unused(wish), scale);
        _scales.Added(_builder.Nodes[^1], _builder);
        return Tensor(name);
    }
}

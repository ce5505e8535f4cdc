using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>A node as its operator's import code sees it: inputs, attributes and where the result goes.</summary>
internal sealed class OnnxNode(
    NodeProto proto, string name, int opset, string? file, GraphBuilder builder, Dictionary<string, OnnxValue> values,
    Func<string, string> unused, ChannelShuffles shuffles, FunctionRuns runs, long batchSize)
    : OnnxAttributes(proto, name, opset, file)
{
    /// <summary>The number of images of the exported example, or 0 where the model leaves it open.</summary>
    public long BatchSize => batchSize;

    /// <summary>The operation it became, or what happened to it.</summary>
    public string MapsTo { get; private set; } = "";

    /// <summary>Number of inputs, absent ones in front of others included.</summary>
    public int InputCount => Proto.Input.Count;

    /// <summary>Whether an optional input is there.</summary>
    public bool HasInput(int index) => index < Proto.Input.Count && Proto.Input[index].Length != 0;

    /// <summary>What an input stands for.</summary>
    public OnnxValue Input(int index) => HasInput(index)
        ? values[Proto.Input[index]]
        : throw DiagnosticDescriptors.InvalidModel.Error(File, Name,
            string.Create(CultureInfo.InvariantCulture, $"input {index} is missing"));

    /// <summary>An input that must be computed by the network.</summary>
    public ActivationValue Activation(int index) => Data(index) is { Stored: null } value
        ? value
        : throw new NotMappedException($"input {index} holds quantized integers");

    /// <summary>An input that must be computed by the network, quantized integers included.</summary>
    public ActivationValue Data(int index) => Any(index) is { Pending: null } value
        ? value
        : throw new NotMappedException($"input {index} has a constant for each element, which a fully connected layer alone takes");

    /// <summary>An input that must be computed by the network, in whatever state.</summary>
    public ActivationValue Any(int index) =>
        Input(index) as ActivationValue ?? throw new NotMappedException($"input {index} is a constant");

    /// <summary>An input that must be a feature map [N, C, H, W], or [N, C, W], which is a map of one row.</summary>
    public MapValue Map(int index) => Map(index, Activation(index));

    /// <summary>The same, quantized integers included.</summary>
    public MapValue MapData(int index) => Map(index, Data(index));

    private MapValue Map(int index, ActivationValue value)
    {
        if (value.Layout.IsMap(out int[] spatial))
            return new MapValue(InOrder(value), spatial);
        if (value is { Rank: 3 or 4, Stored: null } && value.Layout.BatchAxis == 0 && Assembled(value, 1) is { } map
            && map.Layout.IsMap(out spatial))
            return new MapValue(map, spatial);
        throw new NotMappedException(value.Rank is 3 or 4
            ? $"input {index}, a map {ShapeOf(value)}, is read as {value.Layout}"
            : $"input {index} is not a tensor of 4 dimensions");
    }

    /// <summary>The same values, with the channels in the order in which ONNX has them.</summary>
    public ActivationValue InOrder(ActivationValue value) => shuffles.InOrderOrSame(value);

    // A part is a layer that writes its pixels.
    private const int MostParts = 256;

    /// <summary>
    /// The same values as a map of its own whose channels are one axis and whose pixels are the others in their order; null where the axes
    /// are no such map. Of two axes behind the batch and the channels the first are rows, else all pixels are one row.
    /// </summary>
    public ActivationValue? Assembled(ActivationValue value, int channelAxis)
    {
        if (value.Layout.PartsOf(channelAxis, MostParts) is not { } parts)
            return null;
        AxisLayout layout = value.Layout;
        int channels = layout.SizeWithinImage(channelAxis), all = ShapeOf(value).Channels;
        int[] others = [.. Enumerable.Range(0, layout.Rank).Where(axis => axis != channelAxis && axis != layout.BatchAxis)];
        int height = others.Length == 2 && channelAxis == 1 ? layout.SizeWithinImage(others[0]) : 1;
        int width = others.Aggregate(1, (product, axis) => product * layout.SizeWithinImage(axis)) / height;
        string[] tensors = new string[parts.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            AxisLayout.LayoutPart part = parts[i];
            int[] chosen = part.AllChannels;
            bool isRun = chosen.Select((channel, at) => channel - at).Distinct().Count() == 1;
            string from = isRun ? value.Tensor : Selected(value, chosen);
            Slice slice = new(isRun ? chosen[0] : 0, chosen.Length, part.StartY, part.StepY, part.CountY, part.StartX, part.StepX,
                part.CountX);
            bool isWhole = isRun && chosen.Length == all
                && (slice.Rows, slice.Columns) == (ShapeOf(value).Height, ShapeOf(value).Width);
            tensors[i] = isWhole ? from : Build(slice, "part", [from]);
        }

        string assembled = Build(new Assemble(height, width, [.. parts.Select(part => part.Place)]), "assembled", tensors);
        int[] stored = [.. Enumerable.Range(0, layout.Rank).Select(axis => axis == channelAxis ? AxisLayout.Channels
            : axis == layout.BatchAxis && layout.HasBatch ? -1 : height > 1 && axis == others[0] ? AxisLayout.Rows : AxisLayout.Columns)];
        return new ActivationValue(assembled, AxisLayout.OfSizes(stored,
            [.. Enumerable.Range(0, layout.Rank).Select(layout.SizeWithinImage)]));
    }

    // Tensors that belong to the input of a node, not to what the node itself becomes.
    private string Build(Op op, string suffix, string[] inputs)
    {
        string name = unused($"{Proto.Output[0]}.{suffix}");
        try
        {
            return builder.Add(name, op, inputs, name);
        }
        catch (EbspException e)
        {
            throw new NotMappedException(e.Diagnostics[0].Cause.TrimEnd('.'));
        }
    }

    /// <summary>An input that must be a constant.</summary>
    public OnnxConstant Constant(int index) =>
        (Input(index) as ConstantValue)?.Constant ?? throw new NotMappedException($"input {index} is not a constant");

    /// <summary>An input that must be a constant of floats.</summary>
    public float[] Floats(int index) => Constant(index).Floats
        ?? throw new NotMappedException($"input {index} does not hold float32 values");

    /// <summary>An input that must be a constant of integers.</summary>
    public long[] Integers(int index) => Constant(index).Integers ?? throw new NotMappedException($"input {index} does not hold integers");

    /// <summary>Shape of one image of an activation.</summary>
    public Shape ShapeOf(ActivationValue value) => builder.TypeOf(value.Tensor).Shape;

    /// <summary>The node becomes an operation whose result has the axes of its first input.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="inputs">What it reads.</param>
    public void Emit(Op op, params ReadOnlySpan<ActivationValue> inputs) => EmitAs(op, _ => null, inputs);

    /// <summary>The same, as the last of a chain.</summary>
    public ActivationValue? Last(Op op, params ReadOnlySpan<ActivationValue> inputs)
    {
        Emit(op, inputs);
        return null;
    }

    /// <summary>The node becomes an operation on a map, and its result a map of as many axes.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="map">What it reads.</param>
    public void EmitMap(Op op, MapValue map) => EmitAs(op, map.LayoutOf, map.Value);

    /// <summary>The node becomes an operation whose result has axes of its own.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="layout">The axes of a result of this shape; null for those of the first input.</param>
    /// <param name="inputs">What it reads.</param>
    public void EmitAs(Op op, Func<Shape, AxisLayout?> layout, params ReadOnlySpan<ActivationValue> inputs)
    {
        RefuseUnreadAttributes();
        Set(Add(op, Proto.Output[0], layout, inputs) with { Stored = inputs[0].Stored }, op.GetType().Name);
    }

    /// <summary>The node becomes a quantization whose result is read as integers.</summary>
    public void EmitStored(QuantizeDequantize op, ActivationValue input)
    {
        RefuseUnreadAttributes();
        Set(Add(op, Proto.Output[0], _ => null, [input]) with { Stored = op }, nameof(QuantizeDequantize));
    }

    /// <summary>The node becomes a function of each value: one table for it and the functions in front of it.</summary>
    /// <param name="function">The function.</param>
    /// <param name="op">The operation that does it alone.</param>
    /// <param name="input">What it reads.</param>
    public void EmitFunction(PointExpression function, Op op, ActivationValue input)
    {
        (string read, Op made) = runs.Extended(input.Tensor, function, op);
        Emit(made, input with { Tensor = read });
        runs.Note(Proto.Output[0], input.Tensor, function, made);
    }

    /// <summary>Whether two activations were functions of one value each, so that the node became one too.</summary>
    public bool EmitsFunction(PointStepKind kind, ActivationValue a, ActivationValue b)
    {
        if (!a.Layout.Equals(b.Layout) || runs.Joined(kind, a.Tensor, b.Tensor) is not { } joined)
            return false;
        Emit(new PointFunction(joined.Function), a with { Tensor = joined.Root });
        runs.Note(Proto.Output[0], joined.Root, joined.Function, new PointFunction(joined.Function));
        return true;
    }

    /// <summary>Channels chosen by their number, as a value that the node goes on with.</summary>
    public string Selected(ActivationValue value, int[] channels) => shuffles.Selected(value.Tensor, channels);

    /// <summary>One of several operations that the node becomes; <see cref="Emit"/> makes the last.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="suffix">What to put behind the name of the node's output.</param>
    /// <param name="layout">The axes of a result of this shape; null for those of the first input.</param>
    /// <param name="inputs">What it reads.</param>
    public ActivationValue Step(Op op, string suffix, Func<Shape, AxisLayout?>? layout, params ReadOnlySpan<ActivationValue> inputs) =>
        Add(op, unused($"{Proto.Output[0]}.{suffix}"), layout ?? (_ => null), inputs);

    /// <summary>The node is a constant.</summary>
    public void Fold(OnnxConstant constant) => Set(new ConstantValue(constant), "a constant");

    /// <summary>The node vanishes: its output is its input, perhaps under other dimensions.</summary>
    public void Forward(OnnxValue value) => Set(value, value is ConstantValue ? "a constant" : "nothing: the data stays as it is");

    private ActivationValue Add(Op op, string output, Func<Shape, AxisLayout?> layout, ReadOnlySpan<ActivationValue> inputs)
    {
        string[] tensors = new string[inputs.Length];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = inputs[i].Tensor;
        try
        {
            builder.Add(Name, op, tensors, output);
        }
        catch (EbspException e)
        {
            throw new NotMappedException(e.Diagnostics[0].Cause.TrimEnd('.'));
        }

        return new ActivationValue(output, layout(builder.TypeOf(output).Shape) ?? inputs[0].Layout);
    }

    /// <summary>Number of outputs.</summary>
    public int OutputCount => Proto.Output.Count;

    /// <summary>One of the outputs of a node that has several.</summary>
    public void EmitPart(int index, Op op, Func<Shape, AxisLayout?> layout, ActivationValue input)
    {
        RefuseUnreadAttributes();
        if (Proto.Output[index].Length > 0)
            values[Proto.Output[index]] = Add(op, Proto.Output[index], layout, [input]) with { Stored = input.Stored };
        MapsTo = op.GetType().Name;
    }

    private void Set(OnnxValue value, string mapsTo)
    {
        RefuseUnreadAttributes();
        values[Proto.Output[0]] = value;
        MapsTo = mapsTo;
    }
}

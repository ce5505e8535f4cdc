using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>A node as its operator's import code sees it: inputs, attributes and where the result goes.</summary>
internal sealed class OnnxNode(
    NodeProto proto, string name, int opset, GraphBuilder builder, Dictionary<string, OnnxValue> values, Func<string, string> unused,
        long batchSize, string? file)
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
    public ActivationValue Data(int index) => Input(index) switch
    {
        ActivationValue value => value,
        ChannelsLastValue => throw new NotMappedException($"input {index} has its channels last"),
        _ => throw new NotMappedException($"input {index} is a constant"),
    };

    /// <summary>An input that must be a feature map [N, C, H, W], or [N, C, W], which is a map of one row.</summary>
    public ActivationValue Map(int index) => Map(index, Activation(index));

    /// <summary>The same, quantized integers included.</summary>
    public ActivationValue MapData(int index) => Map(index, Data(index));

    private ActivationValue Map(int index, ActivationValue value)
    {
        Shape shape = ShapeOf(value);
        // A vector [N, F] is the map F x 1 x 1 in everything but its rank.
        if (value.Dims.SequenceEqual([shape.Channels, shape.Height, shape.Width]) || shape.Height == 1
            && value.Dims.SequenceEqual([shape.Channels, shape.Width]))
            return value;
        throw new NotMappedException(value.Rank is 3 or 4
            ? $"input {index}, a map {shape}, is read as {value.DimsText}"
            : $"input {index} is not a tensor of 4 dimensions");
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

    /// <summary>The node becomes an operation.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="isFlat">Whether its result has two dimensions.</param>
    /// <param name="inputs">What it reads.</param>
    public void Emit(Op op, bool isFlat, params ReadOnlySpan<ActivationValue> inputs)
    {
        RefuseUnreadAttributes();
        Set(Add(op, Proto.Output[0], isFlat, inputs) with { Stored = inputs[0].Stored }, op.GetType().Name);
    }

    /// <summary>The node becomes a quantization whose result is read as integers.</summary>
    public void EmitStored(QuantizeDequantize op, ActivationValue input)
    {
        RefuseUnreadAttributes();
        Set(Add(op, Proto.Output[0], input.IsFlat, [input]) with { Stored = op }, nameof(QuantizeDequantize));
    }

    /// <summary>The node becomes an operation whose result is cut into dimensions of its own.</summary>
    public void EmitAs(Op op, int[] dims, ActivationValue input)
    {
        RefuseUnreadAttributes();
        Set(Add(op, Proto.Output[0], isFlat: false, [input]) with { Dims = dims }, op.GetType().Name);
    }

    /// <summary>One of several operations that the node becomes; <see cref="Emit"/> makes the last.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="suffix">What to put behind the name of the node's output.</param>
    /// <param name="isFlat">Whether its result has two dimensions.</param>
    /// <param name="inputs">What it reads.</param>
    public ActivationValue Step(Op op, string suffix, bool isFlat, params ReadOnlySpan<ActivationValue> inputs) =>
        Add(op, unused($"{Proto.Output[0]}.{suffix}"), isFlat, inputs);

    /// <summary>The node is a constant.</summary>
    public void Fold(OnnxConstant constant) => Set(new ConstantValue(constant), "a constant");

    /// <summary>The node vanishes: its output is its input, perhaps under other dimensions.</summary>
    public void Forward(OnnxValue value) => Set(value, value is ConstantValue ? "a constant" : "nothing: the data stays as it is");

    private ActivationValue Add(Op op, string output, bool isFlat, ReadOnlySpan<ActivationValue> inputs)
    {
        string[] tensors = new string[inputs.Length];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = inputs[i].Tensor;
        Shape before = ShapeOf(inputs[0]);
        try
        {
            builder.Add(Name, op, tensors, output);
        }
        catch (EbspException e)
        {
            throw new NotMappedException(e.Diagnostics[0].Cause);
        }

        Shape shape = builder.TypeOf(output).Shape;
        // What keeps the shape keeps the cut, whatever it is.
        int[] dims = shape == before && isFlat == inputs[0].IsFlat ? inputs[0].Dims
            : isFlat ? [(int)shape.Elements]
            : inputs[0].Rank == 3 && shape.Height == 1 ? [shape.Channels, shape.Width]
            : [shape.Channels, shape.Height, shape.Width];
        return new ActivationValue(output, dims);
    }

    private void Set(OnnxValue value, string mapsTo)
    {
        RefuseUnreadAttributes();
        values[Proto.Output[0]] = value;
        MapsTo = mapsTo;
    }
}

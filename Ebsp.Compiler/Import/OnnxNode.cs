using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>A node as its operator's import code sees it: inputs, attributes and where the result goes.</summary>
internal sealed class OnnxNode(NodeProto proto, string name, int opset, GraphBuilder builder, Dictionary<string, OnnxValue> values, string? file)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Name for people: the node's, or that of its output.</summary>
    public string Name => name;

    /// <summary>Version of the operator set.</summary>
    public int Opset => opset;

    /// <summary>The operation it became, or what happened to it.</summary>
    public string MapsTo { get; private set; } = "";

    /// <summary>Number of inputs, absent ones in front of others included.</summary>
    public int InputCount => proto.Input.Count;

    /// <summary>Whether an optional input is there.</summary>
    public bool HasInput(int index) => index < proto.Input.Count && proto.Input[index].Length != 0;

    /// <summary>What an input stands for.</summary>
    public OnnxValue Input(int index) => HasInput(index)
        ? values[proto.Input[index]]
        : throw DiagnosticDescriptors.InvalidModel.Error(file, name, $"input {index} is missing");

    /// <summary>An input that must be computed by the network.</summary>
    public ActivationValue Activation(int index) => Data(index) is { Stored: null } value
        ? value
        : throw new NotMappedException($"input {index} holds quantised integers");

    /// <summary>An input that must be computed by the network, quantised integers included.</summary>
    public ActivationValue Data(int index) => Input(index) as ActivationValue ?? throw new NotMappedException($"input {index} is a constant");

    /// <summary>An input that must be a feature map N x C x H x W.</summary>
    public ActivationValue Map(int index) => Map(index, Activation(index));

    /// <summary>The same, quantised integers included.</summary>
    public ActivationValue MapData(int index) => Map(index, Data(index));

    // A vector [N, F] is the map F x 1 x 1 in everything but its rank.
    private static ActivationValue Map(int index, ActivationValue value) =>
        value.IsFlat ? throw new NotMappedException($"input {index} is not a tensor of 4 dimensions") : value;

    /// <summary>An input that must be a constant.</summary>
    public OnnxConstant Constant(int index) =>
        (Input(index) as ConstantValue)?.Constant ?? throw new NotMappedException($"input {index} is not a constant");

    /// <summary>An input that must be a constant of floats.</summary>
    public float[] Floats(int index) => Constant(index).Floats ?? throw new NotMappedException($"input {index} does not hold float32 values");

    /// <summary>An input that must be a constant of integers.</summary>
    public long[] Integers(int index) => Constant(index).Integers ?? throw new NotMappedException($"input {index} does not hold integers");

    /// <summary>Shape of one image of an activation.</summary>
    public Shape ShapeOf(ActivationValue value) => builder.TypeOf(value.Tensor).Shape;

    /// <summary>An integer attribute.</summary>
    public long Int(string attribute, long absent) => Attribute(attribute, 2)?.I ?? absent;

    /// <summary>A float attribute.</summary>
    public float Float(string attribute, float absent) => Attribute(attribute, 1)?.F ?? absent;

    /// <summary>A text attribute.</summary>
    public string Text(string attribute, string absent) => Attribute(attribute, 3)?.S.ToStringUtf8() ?? absent;

    /// <summary>A list of integers, or null where the attribute is absent.</summary>
    public long[]? Ints(string attribute) => Attribute(attribute, 7)?.Ints.ToArray();

    /// <summary>A list of floats, or null where the attribute is absent.</summary>
    public float[]? FloatList(string attribute) => Attribute(attribute, 6)?.Floats.ToArray();

    /// <summary>A tensor attribute, or null where it is absent.</summary>
    public OnnxConstant? Tensor(string attribute) => Attribute(attribute, 4)?.T is { } tensor ? OnnxConstant.Read(tensor, file) : null;

    /// <summary>Whether an attribute is there; it counts as read only when asked for its value.</summary>
    public bool Has(string attribute) => proto.Attribute.Any(a => a.Name == attribute);

    /// <summary>Declares attributes that change nothing at inference.</summary>
    public void Ignore(params ReadOnlySpan<string> attributes)
    {
        foreach (string attribute in attributes)
            _read.Add(attribute);
    }

    /// <summary>Refuses attributes that the operator's import code did not look at: they might change the result.</summary>
    public void RefuseUnreadAttributes()
    {
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (!_read.Contains(attribute.Name))
                throw new NotMappedException($"the attribute '{attribute.Name}' is not supported");
        }
    }

    /// <summary>The node becomes an operation.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="isFlat">Whether its result has two dimensions.</param>
    /// <param name="inputs">What it reads.</param>
    public void Emit(Op op, bool isFlat, params ReadOnlySpan<ActivationValue> inputs)
    {
        Add(op, proto.Output[0], inputs);
        Set(new ActivationValue(proto.Output[0], isFlat, inputs[0].Stored), op.GetType().Name);
    }

    /// <summary>The node becomes an operation whose result is read as quantised integers.</summary>
    public void EmitStored(QuantizeDequantize op, ActivationValue input)
    {
        Add(op, proto.Output[0], input);
        Set(new ActivationValue(proto.Output[0], input.IsFlat, op), nameof(QuantizeDequantize));
    }

    /// <summary>An operation in front of the one that the node becomes.</summary>
    /// <returns>Its result.</returns>
    public ActivationValue EmitBefore(Op op, bool isFlat, ActivationValue input)
    {
        string tensor = builder.Unused(proto.Output[0] + ".real");
        Add(op, tensor, input);
        return new ActivationValue(tensor, isFlat);
    }

    private void Add(Op op, string output, params ReadOnlySpan<ActivationValue> inputs)
    {
        RefuseUnreadAttributes();
        string[] tensors = new string[inputs.Length];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = inputs[i].Tensor;
        try
        {
            builder.Add(name, op, tensors, output);
        }
        catch (EbspException e)
        {
            throw new NotMappedException(e.Diagnostics[0].Cause);
        }
    }

    /// <summary>The node is a constant.</summary>
    public void Fold(OnnxConstant constant) => Set(new ConstantValue(constant), "a constant");

    /// <summary>The node vanishes: its output is its input, perhaps under other dimensions.</summary>
    public void Forward(OnnxValue value) => Set(value, value is ConstantValue ? "a constant" : "nothing: the data stays as it is");

    private void Set(OnnxValue value, string mapsTo)
    {
        RefuseUnreadAttributes();
        values[proto.Output[0]] = value;
        MapsTo = mapsTo;
    }

    private AttributeProto? Attribute(string attribute, int type)
    {
        _read.Add(attribute);
        AttributeProto? found = null;
        foreach (AttributeProto each in proto.Attribute)
        {
            if (each.Name != attribute)
                continue;
            if (found is not null)
                throw DiagnosticDescriptors.InvalidModel.Error(file, name, $"the attribute '{attribute}' is there twice");
            found = each;
        }

        // Files of the first ONNX versions leave the type out.
        return found is null || found.Type == type || found.Type == 0
            ? found
            : throw DiagnosticDescriptors.InvalidModel.Error(file, name,
                string.Create(CultureInfo.InvariantCulture, $"the attribute '{attribute}' has type {found.Type}, not {type}"));
    }
}

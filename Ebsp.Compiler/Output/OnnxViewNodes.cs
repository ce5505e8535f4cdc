using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Wire = Ebsp.Compiler.Protos.Ir;

namespace Ebsp.Compiler.Output;

/// <summary>The nodes and constants of an <see cref="OnnxView"/>.</summary>
internal sealed class OnnxViewNodes(Graph graph, GraphProto view)
{
    // AttributeProto.AttributeType and TensorProto.DataType of the ONNX specification.
    private const int FloatAttribute = 1, IntAttribute = 2, IntsAttribute = 7, Float32 = 1, Int8 = 3, Int64 = 7;

    // ONNX tells vectors [N, C] from maps [N, C, 1, 1], this graph does not.
    private readonly HashSet<string> _flat = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = [.. graph.Types.Keys];

    /// <summary>Whether a tensor has two dimensions in the view.</summary>
    public bool IsFlat(string tensor) => _flat.Contains(tensor);

    /// <summary>Adds a node of the graph.</summary>
    public void Take(Node node)
    {
        string a = node.Inputs[0];
        bool wasFlat = node.Inputs.All(IsFlat);
        switch (node.Op)
        {
            case Conv conv:
                int group = graph.TypeOf(a).Shape.Channels / conv.Groups;
                NodeProto convolution = Emit(node, "Conv", Map(a),
                    Floats(node, "weights", conv.Weights, conv.OutputChannels, group, conv.Geometry.KernelRows,
                        conv.Geometry.KernelColumns),
                    Floats(node, "bias", conv.Bias, conv.OutputChannels));
                KernelWindow(convolution, conv.Geometry);
                Int(convolution, "group", conv.Groups);
                break;
            case FullyConnected full:
                string vector = IsFlat(a) ? a : Extra(node, "Flatten", a, isFlat: true);
                NodeProto gemm = Emit(node, "Gemm", vector,
                    Floats(node, "weights", full.Weights, full.OutputChannels, (int)graph.TypeOf(a).Shape.Elements),
                    Floats(node, "bias", full.Bias, full.OutputChannels));
                Int(gemm, "transB", 1);
                _flat.Add(node.Output);
                break;
            case ChannelAffine affine:
                // Batch normalization with mean 0, variance 1 and epsilon 0 is x * scale + B, exactly.
                int channels = affine.Factor.Length;
                Float(Emit(node, "BatchNormalization", a,
                    Floats(node, "factor", affine.Factor, channels), Floats(node, "offset", affine.Offset, channels),
                    Floats(node, "zero", [.. new float[channels]], channels),
                        Floats(node, "one", [.. Enumerable.Repeat(1f, channels)], channels)), "epsilon", 0);
                Keep(node, wasFlat);
                break;
            case Clamp { Minimum: 0, Maximum: float.PositiveInfinity }:
                Emit(node, "Relu", a);
                Keep(node, wasFlat);
                break;
            case Clamp clamp:
                Emit(node, "Clip", a, Floats(node, "min", [clamp.Minimum]), Floats(node, "max", [clamp.Maximum]));
                Keep(node, wasFlat);
                break;
            case LocalResponseNorm norm:
                NodeProto lrn = Emit(node, "LRN", Map(a));
                Int(lrn, "size", norm.Size);
                Float(lrn, "alpha", norm.Alpha);
                Float(lrn, "beta", norm.Beta);
                Float(lrn, "bias", norm.Bias);
                break;
            case PointFunction { Expression: { } expression }:
                Written(node, expression, a);
                Keep(node, wasFlat);
                break;
            case PointFunction function:
                NodeProto point = Emit(node, function.Kind.ToString(), a);
                if (function.Kind is PointFunctionKind.LeakyRelu or PointFunctionKind.Elu or PointFunctionKind.HardSigmoid)
                    Float(point, "alpha", function.Alpha);
                if (function.Kind == PointFunctionKind.HardSigmoid)
                    Float(point, "beta", function.Beta);
                Keep(node, wasFlat);
                break;
            case Add or Subtract or Multiply:
                Emit(node, node.Op switch { Add => "Add", Subtract => "Sub", _ => "Mul" },
                    [.. node.Inputs.Select(input => wasFlat ? input : Map(input))]);
                Keep(node, wasFlat);
                break;
            case Concat when graph.TypeOf(a).IsFloat:
                Int(Emit(node, "Concat", [.. node.Inputs.Select(input => wasFlat ? input : Map(input))]), "axis", 1);
                Keep(node, wasFlat);
                break;
            case MaxPool pool when graph.TypeOf(a).IsFloat:
                NodeProto max = Emit(node, "MaxPool", Map(a));
                KernelWindow(max, pool.Geometry);
                Int(max, "ceil_mode", pool.CeilMode ? 1 : 0);
                break;
            // Average pools have dilations from operator set 19 on.
            case AveragePool { Geometry: { DilationY: 1, DilationX: 1 } } pool:
                NodeProto average = Emit(node, "AveragePool", Map(a));
                KernelWindow(average, pool.Geometry, dilations: false);
                Int(average, "ceil_mode", pool.CeilMode ? 1 : 0);
                Int(average, "count_include_pad", pool.CountIncludesPadding ? 1 : 0);
                break;
            case Slice slice when graph.TypeOf(a).IsFloat:
                Emit(node, "Slice", Map(a),
                    Integers(node, "starts", slice.StartChannel, slice.StartY, slice.StartX),
                    Integers(node, "ends", slice.StartChannel + slice.Channels, End(slice.StartY, slice.StepY, slice.Rows),
                        End(slice.StartX, slice.StepX, slice.Columns)),
                    Integers(node, "axes", 1, 2, 3), Integers(node, "steps", 1, slice.StepY, slice.StepX));
                break;
            case Pad pad when graph.TypeOf(a).IsFloat:
                Emit(node, "Pad", Map(a),
                    Integers(node, "pads", 0, pad.ChannelsBefore, pad.Top, pad.Left, 0, pad.ChannelsAfter, pad.Bottom, pad.Right));
                break;
            case Softmax or LogSoftmax or ArgMax:
                Int(Emit(node, node.Op.GetType().Name, a), "axis", 1);
                Keep(node, wasFlat);
                break;
            case Normalize norm:
                NodeProto divided = Emit(node, "LpNormalization", a);
                Int(divided, "axis", 1);
                Int(divided, "p", norm.Order);
                Keep(node, wasFlat);
                break;
            default:
                Own(node);
                break;
        }
    }

    /// <summary>An output, with a node for what the host does with it.</summary>
    /// <returns>Name of the output.</returns>
    public string AddTransform(GraphOutput of)
    {
        if (of.Transform == OutputTransform.None)
            return of.Name;
        string output = Unused($"{of.Name}.{of.Transform}");
        bool isNorm = of.Transform is OutputTransform.Normalize1 or OutputTransform.Normalize2;
        NodeProto node = new() { Name = output, OpType = isNorm ? "LpNormalization" : of.Transform.ToString(), Input = { of.Name },
            Output = { output } };
        if (isNorm)
            Int(node, "p", of.Transform == OutputTransform.Normalize1 ? 1 : 2);
        // ai.onnx has no transform of integers, so the values are multiplied by the scale first.
        if (graph.IsInteger)
            node.Domain = OnnxView.Domain;
        else if (of.Transform is not (OutputTransform.Sigmoid or OutputTransform.Exp))
            Int(node, "axis", 1);
        view.Node.Add(node);
        return output;
    }

    private static long End(int start, int step, int count) => start + (count - 1L) * step + 1;

    /// <summary>An operation of the own domain: its message of ebsp_ir.proto, field by field.</summary>
    private void Own(Node node)
    {
        NodeProto own = Emit(node, node.Op.GetType().Name, [.. node.Inputs.Select(Map)]);
        own.Domain = OnnxView.Domain;
        Wire.Node message = GraphToWire.Op(node.Op);
        IMessage op = (IMessage)Wire.Node.Descriptor.Oneofs[0].Accessor.GetCaseFieldDescriptor(message).Accessor.GetValue(message);
        Fields(node, own, "", op);
    }

    private void Fields(Node node, NodeProto own, string prefix, IMessage message)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            string name = prefix + field.Name;
            switch (field.Accessor.GetValue(message))
            {
                case Wire.Format format:
                    own.Attribute.Add(new AttributeProto { Name = name, Type = 3,
                        S = ByteString.CopyFromUtf8(GraphFromWire.Format(format).ToString()) });
                    break;
                case IMessage part:
                    Fields(node, own, "", part);
                    break;
                case ByteString bytes:
                    own.Input.Add(Constant(node, name, Int8, bytes, bytes.Length));
                    break;
                case IEnumerable<int> values:
                    Ints(own, name, [.. values.Select(value => (long)value)]);
                    break;
                case IEnumerable<long> values:
                    Ints(own, name, [.. values]);
                    break;
                case float value:
                    Float(own, name, value);
                    break;
                case double value:
                    Float(own, name, (float)value);
                    break;
                case object value and (int or long or uint or bool):
                    Int(own, name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                    break;
            }
        }
    }

    private NodeProto Emit(Node node, string type, params ReadOnlySpan<string> inputs)
    {
        NodeProto proto = new() { Name = node.Name, OpType = type, Output = { node.Output } };
        foreach (string input in inputs)
            proto.Input.Add(input);
        view.Node.Add(proto);
        return proto;
    }

    // One node a step; the names of steps are those of ONNX operators.
    private void Written(Node node, PointExpression expression, string input)
    {
        Stack<string> stack = new();
        for (int i = 0; i < expression.Steps.Length; i++)
        {
            (PointStepKind kind, double value) = expression.Steps[i];
            if (PointExpression.OperandsOf(kind) == 0)
            {
                stack.Push(kind == PointStepKind.Input ? input : Floats(node, "number", [(float)value]));
                continue;
            }

            string b = stack.Pop();
            string[] operands = PointExpression.OperandsOf(kind) == 1 ? [b] : [stack.Pop(), b];
            string output = i == expression.Steps.Length - 1 ? node.Output : Unused($"{node.Output}.{i}");
            view.Node.Add(new NodeProto { Name = output, OpType = kind.ToString(), Input = { operands }, Output = { output } });
            stack.Push(output);
        }

        if (stack.Pop() is var only && only != node.Output)
            Emit(node, "Identity", only);
    }

    /// <summary>A tensor as a map: vectors get their two dimensions of 1 back.</summary>
    private string Map(string tensor) => IsFlat(tensor) ? Extra(graph.ProducerOf(tensor)!, "Unsqueeze", tensor, isFlat: false) : tensor;

    private string Extra(Node node, string type, string tensor, bool isFlat)
    {
        string output = Unused($"{tensor}.{type}");
        NodeProto proto = new() { Name = output, OpType = type, Input = { tensor }, Output = { output } };
        if (isFlat)
            _flat.Add(output);
        else
            proto.Input.Add(Integers(node, output + ".axes", 2, 3));
        view.Node.Add(proto);
        return output;
    }

    private void Keep(Node node, bool isFlat)
    {
        if (isFlat)
            _flat.Add(node.Output);
    }

    private string Floats(Node node, string what, ImmutableArray<float> values, params ReadOnlySpan<long> dims) =>
        Constant(node, what, Float32, GraphToWire.Floats(values), dims);

    private string Integers(Node node, string what, params ReadOnlySpan<long> values) =>
        Constant(node, what, Int64, ByteString.CopyFrom(MemoryMarshal.AsBytes(values)), values.Length);

    private string Constant(Node node, string what, int type, ByteString raw, params ReadOnlySpan<long> dims)
    {
        string name = Unused($"{node.Name}.{what}");
        TensorProto tensor = new() { Name = name, DataType = type, RawData = raw };
        tensor.Dims.AddRange(dims.ToArray());
        view.Initializer.Add(tensor);
        return name;
    }

    private string Unused(string wish)
    {
        string name = wish;
        for (int i = 2; !_names.Add(name); i++)
            name = string.Create(CultureInfo.InvariantCulture, $"{wish}.{i}");
        return name;
    }

    private static void KernelWindow(NodeProto node, KernelWindow g, bool dilations = true)
    {
        Ints(node, "kernel_shape", g.KernelRows, g.KernelColumns);
        Ints(node, "strides", g.StrideY, g.StrideX);
        Ints(node, "pads", g.PadTop, g.PadLeft, g.PadBottom, g.PadRight);
        if (dilations)
            Ints(node, "dilations", g.DilationY, g.DilationX);
    }

    private static void Int(NodeProto node, string name, long value) =>
        node.Attribute.Add(new AttributeProto { Name = name, Type = IntAttribute, I = value });

    private static void Float(NodeProto node, string name, float value) =>
        node.Attribute.Add(new AttributeProto { Name = name, Type = FloatAttribute, F = value });

    private static void Ints(NodeProto node, string name, params ReadOnlySpan<long> values)
    {
        AttributeProto attribute = new() { Name = name, Type = IntsAttribute };
        attribute.Ints.AddRange(values.ToArray());
        node.Attribute.Add(attribute);
    }
}

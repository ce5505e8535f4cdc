using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Numerics;
using Google.Protobuf;
using Wire = Ebsp.Compiler.Protos.Ir;

namespace Ebsp.Compiler.Ir;

/// <summary>From the messages of a file to a graph; the verifier looks at it afterwards.</summary>
internal static class GraphFromWire
{
    /// <exception cref="EbspException">EBSP1010: a message lacks a part or names a format that does not exist.</exception>
    public static Graph Graph(Wire.Model model, string? file)
    {
        try
        {
            return Convert(model);
        }
        catch (InvalidDataException e)
        {
            throw GraphFile.Bad(file, $"{e.Message}");
        }
    }

    private static Graph Convert(Wire.Model model)
    {
        Dictionary<string, TensorType> types = new(StringComparer.Ordinal) { [model.InputName] = Type(model.InputType) };
        ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>(model.Nodes.Count);
        foreach (Wire.Node message in model.Nodes)
        {
            nodes.Add(new Node(message.Name, Op(message), [.. message.Inputs], message.Output));
            if (!types.TryAdd(message.Output, Type(message.Type)))
                throw new InvalidDataException($"the tensor '{message.Output}' is made twice");
        }

        Wire.Preprocessing preprocessing = Present(model.Preprocessing, "preprocessing");
        InputEncoding? encoding = model.InputEncoding is { } e ? new InputEncoding(Format(e.Format), Terms(e.Terms), e.Scale) : null;
        return new Graph(
            model.Name, model.InputName, Shape(model.InputShape),
            new Preprocessing(preprocessing.Scale, [.. preprocessing.Mean], [.. preprocessing.Std], preprocessing.ReverseChannels),
            encoding, nodes.MoveToImmutable(), model.OutputName, (OutputTransform)model.OutputTransform,
            types.ToFrozenDictionary(StringComparer.Ordinal), [.. model.Labels])
        {
            InputChannelsLast = model.InputChannelsLast,
            OutputChannelsLast = model.OutputChannelsLast,
            OtherOutputs = [.. model.OtherOutputs.Select(output =>
                new GraphOutput(output.Name, (OutputTransform)output.Transform, output.ChannelsLast))],
        };
    }

    private static Op Op(Wire.Node node)
    {
        switch (node.OpCase)
        {
            case Wire.Node.OpOneofCase.Conv:
                return new Conv(node.Conv.OutputChannels, KernelWindow(node.Conv.KernelWindow), node.Conv.Groups, Floats(node.Conv.Weights),
                    Floats(node.Conv.Bias))
                {
                    WeightSteps = Floats(node.Conv.WeightSteps),
                };
            case Wire.Node.OpOneofCase.FullyConnected:
                Wire.FullyConnected full = node.FullyConnected;
                return new FullyConnected(full.OutputChannels, Floats(full.Weights),
                    Floats(full.Bias)) { WeightSteps = Floats(full.WeightSteps) };
            case Wire.Node.OpOneofCase.ChannelAffine:
                return new ChannelAffine(Floats(node.ChannelAffine.Factor), Floats(node.ChannelAffine.Offset));
            case Wire.Node.OpOneofCase.Clamp:
                return new Clamp(node.Clamp.Minimum, node.Clamp.Maximum);
            case Wire.Node.OpOneofCase.QuantizeDequantize:
                Wire.QuantizeDequantize q = node.QuantizeDequantize;
                return new QuantizeDequantize(q.Scale, q.ZeroPoint, q.Minimum, q.Maximum);
            case Wire.Node.OpOneofCase.Add:
                return new Add();
            case Wire.Node.OpOneofCase.AveragePool:
                return new AveragePool(KernelWindow(node.AveragePool.KernelWindow), node.AveragePool.CeilMode,
                    node.AveragePool.CountIncludesPadding);
            case Wire.Node.OpOneofCase.LogSoftmax:
                return new LogSoftmax();
            case Wire.Node.OpOneofCase.Softmax:
                return new Softmax();
            case Wire.Node.OpOneofCase.MaxPool:
                return new MaxPool(KernelWindow(node.MaxPool.KernelWindow), node.MaxPool.CeilMode);
            case Wire.Node.OpOneofCase.Subtract:
                return new Subtract();
            case Wire.Node.OpOneofCase.Multiply:
                return new Multiply();
            case Wire.Node.OpOneofCase.LocalResponseNorm:
                Wire.LocalResponseNorm norm = node.LocalResponseNorm;
                return new LocalResponseNorm(norm.Size, norm.Alpha, norm.Beta, norm.Bias);
            case Wire.Node.OpOneofCase.PointFunction:
                return new PointFunction((PointFunctionKind)node.PointFunction.Kind, node.PointFunction.Alpha, node.PointFunction.Beta)
                {
                    Expression = node.PointFunction.Steps.Count == 0 ? null : new PointExpression(
                        [.. node.PointFunction.Steps.Select(step => new PointStep((PointStepKind)step.Kind, step.Value))]),
                };
            case Wire.Node.OpOneofCase.ArgMax:
                return new ArgMax();
            case Wire.Node.OpOneofCase.Normalize:
                return new Normalize(node.Normalize.Order);
            case Wire.Node.OpOneofCase.ResponseNorm:
                Wire.ResponseNorm n = node.ResponseNorm;
                return new ResponseNorm(n.Size, [.. n.Factors], n.Shift, n.Lo, n.Hi, Format(n.Format));
            case Wire.Node.OpOneofCase.Assemble:
                Wire.Assemble a = node.Assemble;
                if (a.RowSteps.Count != a.First.Count || a.ColumnSteps.Count != a.First.Count)
                    throw new InvalidDataException($"the node '{node.Name}' has places of different counts");
                return new Assemble(a.Height, a.Width, [.. a.First.Select((first, i) =>
                    new PixelPlace(first, a.RowSteps[i], a.ColumnSteps[i]))]);
            case Wire.Node.OpOneofCase.Concat:
                return new Concat();
            case Wire.Node.OpOneofCase.Slice:
                Wire.Slice s = node.Slice;
                return new Slice(s.StartChannel, s.Channels, s.StartY, s.StepY, s.Rows, s.StartX, s.StepX, s.Columns);
            case Wire.Node.OpOneofCase.Pad:
                Wire.Pad p = node.Pad;
                return new Pad(p.ChannelsBefore, p.ChannelsAfter, p.Top, p.Left, p.Bottom, p.Right);
            case Wire.Node.OpOneofCase.IntegerConv:
                Wire.IntegerConv conv = node.IntegerConv;
                return new IntegerConv(conv.OutputChannels, KernelWindow(conv.KernelWindow), conv.Groups, Format(conv.WeightFormat),
                    [.. MemoryMarshal.Cast<byte, sbyte>(conv.Weights.Span)], [.. conv.Bias]);
            case Wire.Node.OpOneofCase.Requantize:
                Wire.Requantize r = node.Requantize;
                return new Requantize([.. r.Multipliers], r.ByValidCount, r.SecondMultiplier, [.. r.Offsets],
                    r.Shift, r.Lo, r.Hi, Format(r.Format), (Term)r.Term);
            case Wire.Node.OpOneofCase.TensorProduct:
                Wire.TensorProduct product = node.TensorProduct;
                return new TensorProduct([.. product.Multipliers], product.Shift, product.Lo, product.Hi, Format(product.Format),
                    (Term)product.Term);
            case Wire.Node.OpOneofCase.SumPool:
                return new SumPool(KernelWindow(node.SumPool.KernelWindow), node.SumPool.CeilMode);
            case Wire.Node.OpOneofCase.LookUp:
                return new LookUp(Format(node.LookUp.Format), [.. node.LookUp.Table.Span]);
            default:
                throw new InvalidDataException($"the node '{node.Name}' has no operation");
        }
    }

    private static T Present<T>(T? message, string what)
        where T : class => message ?? throw new InvalidDataException($"a {what} is missing");

    private static int Terms(int terms) => terms is 1 or 2 ? terms : throw new InvalidDataException("the input has neither 1 nor 2 terms");

    private static Shape Shape(Wire.Shape? shape)
    {
        Present(shape, "shape");
        return new Shape(shape!.Channels, shape.Height, shape.Width);
    }

    private static TensorType Type(Wire.TensorType? type)
    {
        Present(type, "type");
        return new TensorType(Shape(type!.Shape), type.Format is null ? null : Format(type.Format), type.Scale);
    }

    internal static PatternFormat Format(Wire.Format? format)
    {
        Present(format, "format");
        return format!.Kind is >= 0 and <= (int)FormatKind.Uniform
            && PatternFormat.IsValid(format.Bits, format.PatternLength, format.Signed, (FormatKind)format.Kind)
                ? PatternFormat.Create(format.Bits, format.PatternLength, format.Signed, (FormatKind)format.Kind)
                : throw new InvalidDataException("a number format that does not exist");
    }

    private static KernelWindow KernelWindow(Wire.KernelWindow? w)
    {
        Present(w, "window");
        return new KernelWindow(w!.KernelRows, w.KernelColumns, w.StrideY, w.StrideX,
            w.PadTop, w.PadLeft, w.PadBottom, w.PadRight, w.DilationY, w.DilationX);
    }

    private static ImmutableArray<float> Floats(ByteString bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
            throw new InvalidDataException("weights that are not whole float32 numbers");
        float[] values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.Span[(i * sizeof(float))..]);
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ebsp.Isa.Numerics;
using Google.Protobuf;
using Wire = Ebsp.Compiler.Protos.Ir;

namespace Ebsp.Compiler.Ir;

/// <summary>From a graph to the messages of its file.</summary>
internal static class GraphToWire
{
    public static Wire.Model Model(Graph graph)
    {
        Wire.Model model = new()
        {
            Name = graph.Name,
            InputName = graph.InputName,
            InputShape = Shape(graph.InputShape),
            Preprocessing = new Wire.Preprocessing
            {
                Scale = graph.Preprocessing.Scale,
                Mean = { graph.Preprocessing.Mean },
                Std = { graph.Preprocessing.Std },
                ReverseChannels = graph.Preprocessing.ReverseChannels,
            },
            InputEncoding = graph.InputEncoding is { } encoding
                ? new Wire.InputEncoding { Format = Format(encoding.Format), Terms = encoding.Terms, Scale = encoding.Scale }
                : null,
            InputType = Type(graph.TypeOf(graph.InputName)),
            OutputName = graph.OutputName,
            OutputTransform = (int)graph.OutputTransform,
            Labels = { graph.Labels },
            InputChannelsLast = graph.InputChannelsLast,
            OutputChannelsLast = graph.OutputChannelsLast,
            OtherOutputs =
            {
                graph.OtherOutputs.Select(output => new Wire.Output
                {
                    Name = output.Name, Transform = (int)output.Transform, ChannelsLast = output.ChannelsLast,
                }),
            },
        };
        foreach (Node node in graph.Nodes)
        {
            Wire.Node message = Op(node.Op);
            message.Name = node.Name;
            message.Inputs.AddRange(node.Inputs);
            message.Output = node.Output;
            message.Type = Type(graph.TypeOf(node.Output));
            model.Nodes.Add(message);
        }

        return model;
    }

    public static Wire.Node Op(Op op) => op switch
    {
        Conv c => new Wire.Node
        {
            Conv = new Wire.Conv
            {
                OutputChannels = c.OutputChannels, KernelWindow = KernelWindow(c.Geometry), Groups = c.Groups, Weights = Floats(c.Weights),
                    Bias = Floats(c.Bias),
                WeightSteps = Floats(c.WeightSteps),
            },
        },
        FullyConnected f => new Wire.Node
        {
            FullyConnected = new Wire.FullyConnected
            {
                OutputChannels = f.OutputChannels, Weights = Floats(f.Weights), Bias = Floats(f.Bias), WeightSteps = Floats(f.WeightSteps),
            },
        },
        ChannelAffine a => new Wire.Node { ChannelAffine =
            new Wire.ChannelAffine { Factor = Floats(a.Factor), Offset = Floats(a.Offset) } },
        Clamp c => new Wire.Node { Clamp = new Wire.Clamp { Minimum = c.Minimum, Maximum = c.Maximum } },
        QuantizeDequantize q => new Wire.Node
        {
            QuantizeDequantize = new Wire.QuantizeDequantize { Scale = q.Scale, ZeroPoint = q.ZeroPoint, Minimum = q.Minimum,
                Maximum = q.Maximum },
        },
        Add => new Wire.Node { Add = new Wire.Add() },
        AveragePool p => new Wire.Node
        {
            AveragePool = new Wire.AveragePool { KernelWindow = KernelWindow(p.Geometry), CeilMode = p.CeilMode,
                CountIncludesPadding = p.CountIncludesPadding },
        },
        LogSoftmax => new Wire.Node { LogSoftmax = new Wire.LogSoftmax() },
        Softmax => new Wire.Node { Softmax = new Wire.Softmax() },
        MaxPool p => new Wire.Node { MaxPool = new Wire.MaxPool { KernelWindow = KernelWindow(p.Geometry), CeilMode = p.CeilMode } },
        Subtract => new Wire.Node { Subtract = new Wire.Subtract() },
        Multiply => new Wire.Node { Multiply = new Wire.Multiply() },
        LocalResponseNorm n =>
            new Wire.Node { LocalResponseNorm =
            new Wire.LocalResponseNorm { Size = n.Size, Alpha = n.Alpha, Beta = n.Beta, Bias = n.Bias } },
        PointFunction f => new Wire.Node
        {
            PointFunction = new Wire.PointFunction
            {
                Kind = (int)f.Kind, Alpha = f.Alpha, Beta = f.Beta,
                Steps = { f.Expression?.Steps.Select(step => new Wire.PointStep { Kind = (int)step.Kind, Value = step.Value }) ?? [] },
            },
        },
        ArgMax => new Wire.Node { ArgMax = new Wire.ArgMax() },
        Normalize n => new Wire.Node { Normalize = new Wire.Normalize { Order = n.Order } },
        ResponseNorm n => new Wire.Node
        {
            ResponseNorm = new Wire.ResponseNorm { Size = n.Size, Factors = { n.Factors }, Shift = n.Shift, Lo = n.Lo, Hi = n.Hi,
                Format = Format(n.Format) },
        },
        Concat => new Wire.Node { Concat = new Wire.Concat() },
        Assemble a => new Wire.Node
        {
            Assemble = new Wire.Assemble
            {
                Height = a.Height, Width = a.Width, First = { a.Places.Select(place => place.First) },
                RowSteps = { a.Places.Select(place => place.RowStep) }, ColumnSteps = { a.Places.Select(place => place.ColumnStep) },
            },
        },
        Slice s => new Wire.Node
        {
            Slice = new Wire.Slice
            {
                StartChannel = s.StartChannel, Channels = s.Channels, StartY = s.StartY, StepY = s.StepY, Rows = s.Rows,
                StartX = s.StartX, StepX = s.StepX, Columns = s.Columns,
            },
        },
        Pad p => new Wire.Node
        {
            Pad = new Wire.Pad
            {
                ChannelsBefore = p.ChannelsBefore, ChannelsAfter = p.ChannelsAfter, Top = p.Top, Left = p.Left, Bottom = p.Bottom,
                    Right = p.Right,
            },
        },
        IntegerConv c => new Wire.Node
        {
            IntegerConv = new Wire.IntegerConv
            {
                OutputChannels = c.OutputChannels, KernelWindow = KernelWindow(c.Geometry), Groups = c.Groups,
                    WeightFormat = Format(c.WeightFormat),
                Weights = ByteString.CopyFrom(MemoryMarshal.AsBytes(c.Weights.AsSpan())), Bias = { c.Bias },
            },
        },
        Requantize r => new Wire.Node
        {
            Requantize = new Wire.Requantize
            {
                Multipliers = { r.Multipliers }, ByValidCount = r.ByValidCount, SecondMultiplier = r.SecondMultiplier,
                    Offsets = { r.Offsets },
                Shift = r.Shift, Lo = r.Lo, Hi = r.Hi, Format = Format(r.Format), Term = (int)r.Term,
            },
        },
        TensorProduct p => new Wire.Node
        {
            TensorProduct = new Wire.TensorProduct
            {
                Multipliers = { p.Multipliers }, Shift = p.Shift, Lo = p.Lo, Hi = p.Hi, Format = Format(p.Format), Term = (int)p.Term,
            },
        },
        SumPool p => new Wire.Node { SumPool = new Wire.SumPool { KernelWindow = KernelWindow(p.Geometry), CeilMode = p.CeilMode } },
        LookUp l => new Wire.Node { LookUp = new Wire.LookUp { Format = Format(l.Format), Table = ByteString.CopyFrom(l.Table.AsSpan()) } },
        _ => throw new InvalidOperationException($"no message for {op.GetType().Name}"),
    };

    private static Wire.Shape Shape(Shape shape) => new() { Channels = shape.Channels, Height = shape.Height, Width = shape.Width };

    private static Wire.Format Format(PatternFormat format) => new()
    {
        Bits = format.Bits, PatternLength = format.PatternLength, Signed = format.Signed, Kind = (int)format.Kind,
    };

    private static Wire.TensorType Type(TensorType type) => new()
    {
        Shape = Shape(type.Shape), Format = type.Format is { } format ? Format(format) : null, Scale = type.Scale,
    };

    private static Wire.KernelWindow KernelWindow(KernelWindow g) => new()
    {
        KernelRows = g.KernelRows, KernelColumns = g.KernelColumns, StrideY = g.StrideY, StrideX = g.StrideX,
        PadTop = g.PadTop, PadLeft = g.PadLeft, PadBottom = g.PadBottom, PadRight = g.PadRight, DilationY = g.DilationY,
            DilationX = g.DilationX,
    };

    public static ByteString Floats(ImmutableArray<float> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}

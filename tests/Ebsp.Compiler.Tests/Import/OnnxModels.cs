using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Google.Protobuf;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>Small ONNX models for tests: one input 'x', one output 'y'.</summary>
internal static class OnnxModels
{
    public static ModelProto Model(int[] inputDims, params NodeProto[] nodes)
    {
        TensorShapeProto shape = new();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        shape.Dim.AddRange(inputDims.Select(dim => new TensorShapeProto.Types.Dimension { DimValue = dim }));
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Version = 13 } },
            Graph = new GraphProto
            {
                Name = "test",
                Node = { nodes },
                Input = { new ValueInfoProto { Name = "x",
                    Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } } } },
                Output = { new ValueInfoProto { Name = "y" } },
            },
        };
    }

    public static NodeProto Node(string op, string output, params string[] inputs) =>
        new() { OpType = op, Name = output + "-node", Input = { inputs }, Output = { output } };

    public static NodeProto With(this NodeProto node, string name, params long[] ints)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = 7, Ints = { ints } });
        return node;
    }

    public static NodeProto WithInt(this NodeProto node, string name, long value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = 2, I = value });
        return node;
    }

    public static NodeProto WithFloat(this NodeProto node, string name, float value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = 1, F = value });
        return node;
    }

    public static NodeProto WithText(this NodeProto node, string name, string value)
    {
        node.Attribute.Add(new AttributeProto { Name = name, Type = 3, S = ByteString.CopyFromUtf8(value) });
        return node;
    }

    public static ModelProto Floats(this ModelProto model, string name, long[] dims, params float[] values)
    {
        model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = 1, Dims = { dims }, FloatData = { values } });
        return model;
    }

    public static ModelProto Integers(this ModelProto model, string name, params long[] values)
    {
        model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = 7, Dims = { values.Length }, Int64Data = { values } });
        return model;
    }

    public static ModelProto External(this ModelProto model, string name, long[] dims, params (string Key, string Value)[] entries)
    {
        model.Graph.Initializer.Add(new TensorProto
        {
            Name = name, DataType = 1, Dims = { dims }, DataLocation = 1,
            ExternalData = { entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }) },
        });
        return model;
    }

    public static ModelProto SecondOutput(this ModelProto model, string name)
    {
        model.Graph.Node[0].Output.Add(name);
        return model;
    }

    public static ModelProto Opset(this ModelProto model, int version)
    {
        model.OpsetImport[0].Version = version;
        return model;
    }

    /// <summary>What the imported model makes of images.</summary>
    public static float[] Run(this ModelProto model, float[] images) =>
        FloatInterpreter.RunAll(OnnxImporter.Import(model.ToByteArray()), images, 1);

    /// <summary>What a graph makes of images, both in the order of axes that the model has.</summary>
    public static float[] RunAsExported(this Graph graph, float[] images)
    {
        Shape input = graph.InputShape, output = graph.TypeOf(graph.OutputName).Shape;
        float[] planes = graph.InputChannelsLast ? Turned(images, input.Height * input.Width, input.Channels) : images;
        float[] result = FloatInterpreter.RunAll(graph, planes, 1);
        return graph.OutputChannelsLast ? Turned(result, output.Channels, output.Height * output.Width) : result;
    }

    // Matrices of rows x columns, one after the other, as columns x rows.
    private static float[] Turned(float[] values, int rows, int columns)
    {
        float[] turned = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int at = i % (rows * columns);
            turned[i - at + at % columns * rows + at / columns] = values[i];
        }

        return turned;
    }

    /// <summary>The diagnostics with which a model is refused.</summary>
    public static IReadOnlyList<Diagnostic> Refusal(this ModelProto model) => Refusal(model.ToByteArray());

    /// <summary>The diagnostics with which bytes are refused.</summary>
    public static IReadOnlyList<Diagnostic> Refusal(byte[] bytes) =>
        Assert.ThrowsExactly<EbspException>(() => OnnxImporter.Import(bytes)).Diagnostics;
}

using System.Globalization;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Isa.Numerics;
using Google.Protobuf;

namespace Ebsp.Compiler.Output;

/// <summary>
/// A graph as an ONNX file, for graph viewers. Float operations become those of ai.onnx, so that the file is a network again; whatever
/// ONNX has no word for becomes a node of the domain <see cref="Domain"/> whose attributes are the fields of docs/ir.md. Formats and
/// scales of tensors stand in their doc_string.
/// </summary>
public static class OnnxView
{
    /// <summary>Domain of the operations that ONNX does not have.</summary>
    public const string Domain = "ebsp";

    /// <summary>Operator set of the float operations.</summary>
    public const int Opset = 14;

    // ONNX IR version of the release of operator set 14 (ONNX 1.9).
    private const int IrVersion = 7;

    /// <summary>The file.</summary>
    public static byte[] Write(Graph graph)
    {
        ModelProto model = new()
        {
            IrVersion = IrVersion,
            ProducerName = Producer.Name,
            ProducerVersion = Producer.Version,
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
            Graph = new GraphProto
            {
                Name = graph.Name.Length == 0 ? "model" : graph.Name,
                Input = { Value(graph, graph.InputName, graph.InputName, isFlat: false) },
                DocString = InputText(graph),
            },
        };
        OnnxViewNodes nodes = new(graph, model.Graph);
        foreach (Node node in graph.Nodes)
        {
            nodes.Take(node);
            if (!graph.IsOutput(node.Output))
                model.Graph.ValueInfo.Add(Value(graph, node.Output, node.Output, nodes.IsFlat(node.Output)));
        }

        foreach (GraphOutput output in graph.Outputs)
            model.Graph.Output.Add(Value(graph, output.Name, nodes.AddTransform(output), nodes.IsFlat(output.Name)));
        if (model.Graph.Node.Any(node => node.Domain == Domain))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        Property("ebsp.scale", Text(graph.Preprocessing.Scale));
        Property("ebsp.mean", string.Join(',', graph.Preprocessing.Mean.Select(Text)));
        Property("ebsp.std", string.Join(',', graph.Preprocessing.Std.Select(Text)));
        Property("ebsp.channels", graph.Preprocessing.ReverseChannels ? "BGR" : "RGB");
        return model.ToByteArray();

        void Property(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private static string InputText(Graph graph) => graph.InputEncoding is { } encoding
        ? string.Create(CultureInfo.InvariantCulture,
            $"host writes {encoding.Terms} term(s) of {encoding.Format}, scale {encoding.Scale:R}")
        : "float network";

    /// <summary>N x C x H x W, or N x C of a vector.</summary>
    private static ValueInfoProto Value(Graph graph, string tensor, string name, bool isFlat)
    {
        TensorType type = graph.TypeOf(tensor);
        TensorShapeProto shape =
            new() { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, Dimension(type.Shape.Channels) } };
        if (!isFlat)
        {
            shape.Dim.Add(Dimension(type.Shape.Height));
            shape.Dim.Add(Dimension(type.Shape.Width));
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = ElementType(type.Format), Shape = shape } },
            DocString = type.IsFloat ? "" : string.Create(CultureInfo.InvariantCulture, $"{type.Format} * {type.Scale:R}"),
        };
    }

    private static TensorShapeProto.Types.Dimension Dimension(int value) => new() { DimValue = value };

    // TensorProto.DataType of the ONNX specification.
    private static int ElementType(PatternFormat? format) => format is not { } known ? 1
        : known.Bits > 16 ? 6
        : known.Bits > 8 ? known.Signed ? 5 : 4
        : known.Signed ? 3 : 2;

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

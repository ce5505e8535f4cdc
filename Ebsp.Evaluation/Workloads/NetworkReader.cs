using System.Collections.Immutable;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;

namespace Ebsp.Evaluation.Workloads;

/// <summary>Networks by name, or from an ONNX file or a .pb: only shapes are taken.</summary>
internal static class NetworkReader
{
    /// <summary>A published network, or the one of a file.</summary>
    /// <param name="name">A name of <see cref="PublishedNetworks"/>, or the path of a file.</param>
    /// <exception cref="Ebsp.Compiler.Diagnostics.EbspException">EBSP8001: no such network; EBSP1xxx: the file cannot be read.</exception>
    public static Network Read(string name)
    {
        foreach ((string published, Func<Network> make) in PublishedNetworks.All)
        {
            if (published == name)
                return make();
        }

        return File.Exists(name)
            ? Of(ModelReader.Read(name), Path.GetFileNameWithoutExtension(name), Path.GetFileName(name))
            : throw Nearest.Unknown("network", name, PublishedNetworks.All.Select(row => row.Name), "or the path of an .onnx or .pb file");
    }

    /// <summary>The shapes of a graph.</summary>
    /// <param name="graph">A float or an integer graph.</param>
    /// <param name="name">Name of the network.</param>
    /// <param name="source">Where it comes from.</param>
    public static Network Of(Graph graph, string name, string source)
    {
        Dictionary<string, int> made = new(StringComparer.Ordinal) { [graph.InputName] = -1 };
        List<LayerShape> layers = [];
        foreach (Node node in graph.Nodes)
        {
            (LayerKind Kind, KernelWindow Window, int Groups, bool Ceil)? form = FormOf(graph, node);
            if (form is null)
            {
                // A step on every element alone: what comes out of it is what went in.
                made[node.Output] = made[node.Inputs[0]];
                continue;
            }

            Shape input = graph.TypeOf(node.Inputs[0]).Shape, output = graph.TypeOf(node.Output).Shape;
            int channels = form.Value.Kind is LayerKind.Convolution ? InputChannels(graph, node, input) : output.Channels;
            ImmutableArray<int> sources = [.. node.Inputs.Select(tensor => made[tensor])];
            layers.Add(new LayerShape(node.Name, form.Value.Kind, 1, output.Channels, channels, input.Height, input.Width,
                form.Value.Window, form.Value.Groups, sources) { CeilMode = form.Value.Ceil });
            made[node.Output] = layers.Count - 1;
        }

        return new Network(name, name, source, layers);
    }

    // An integer graph that splits its input into terms reads each channel twice; the network has it once.
    private static int InputChannels(Graph graph, Node node, Shape input) =>
        node.Inputs[0] == graph.InputName ? graph.InputShape.Channels : input.Channels;

    private static (LayerKind Kind, KernelWindow Window, int Groups, bool Ceil)? FormOf(Graph graph, Node node)
    {
        Shape input = graph.TypeOf(node.Inputs[0]).Shape;
        return node.Op switch
        {
            Conv op => (LayerKind.Convolution, op.Geometry, op.Groups, false),
            IntegerConv op => (LayerKind.Convolution, op.Geometry, op.Groups, false),
            FullyConnected => (LayerKind.Convolution, new KernelWindow(input.Height, input.Width), 1, false),
            MaxPool op => (LayerKind.MaxPool, op.Geometry, 1, op.CeilMode),
            AveragePool op => (LayerKind.AveragePool, op.Geometry, 1, op.CeilMode),
            SumPool op => (LayerKind.AveragePool, op.Geometry, 1, op.CeilMode),
            Add or Subtract => (LayerKind.Add, new KernelWindow(1, 1), 1, false),
            Concat => (LayerKind.Concat, new KernelWindow(1, 1), 1, false),
            _ => null,
        };
    }
}

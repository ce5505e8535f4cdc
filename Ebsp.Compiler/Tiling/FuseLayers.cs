using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// Turns the nodes of an integer graph into layers: accumulators stay in partial-sum memory, so a convolution or sum pool takes its
/// requantizations (with residual add, clamp and projection) along; slices and channel padding become views of operands.
/// </summary>
public static class FuseLayers
{
    /// <summary>The layers in an order in which every stored tensor is written before it is read.</summary>
    /// <exception cref="EbspException">EBSP3002: a node has no form on the machine.</exception>
    public static ImmutableArray<Layer> Run(Graph graph)
    {
        Dictionary<string, View> views = new() { [graph.InputName] = View.Of(graph.InputName, graph.TypeOf(graph.InputName).Shape) };
        Dictionary<string, Node> accumulators = [];
        Dictionary<string, List<VectorWrite>> writes = [];
        Dictionary<string, int> remaining = [];
        List<Diagnostic> refused = [];
        ImmutableArray<Layer>.Builder layers = ImmutableArray.CreateBuilder<Layer>();
        ILookup<string, Node> consumers = graph.Nodes.SelectMany(node => node.Inputs.Distinct(), (node, input) => (node, input))
            .ToLookup(use => use.input, use => use.node);

        Dictionary<Node, int> position = new(ReferenceEqualityComparer.Instance);
        foreach (Node node in graph.Nodes)
            position.Add(node, position.Count);

        foreach (Node node in graph.Nodes)
        {
            string input = node.Inputs[0];
            switch (node.Op)
            {
                case IntegerConv or SumPool:
                    accumulators[node.Output] = node;
                    writes[node.Output] = [];
                    remaining[node.Output] = consumers[node.Output].Count();
                    if (consumers[node.Output].Any(consumer => consumer.Op is not Requantize || consumer.Inputs[0] != node.Output)
                        || remaining[node.Output] == 0)
                    {
                        // Whoever reads them is looked at, too.
                        Store(node);
                        Refuse(node, "its sums are read by something else than a requantization, and only requantization reads partial " +
                            "sums");
                    }

                    break;
                case Requantize when accumulators.TryGetValue(input, out Node? source):
                    Store(node);
                    writes[input].Add(new VectorWrite(node, node.Output, Second(node)));
                    // The layer stands where its last requantization stands: by then every residual operand has been written.
                    if (--remaining[input] == 0)
                    {
                        ImmutableArray<VectorWrite> ordered = [.. writes[input].OrderBy(write => FirstReader(write.Output))];
                        layers.Add(source.Op is IntegerConv
                            ? new ArrayLayer(source, views[source.Inputs[0]], ordered)
                            : new SumPoolLayer(source, views[source.Inputs[0]], ordered));
                    }

                    break;
                case Requantize or TensorProduct:
                    Store(node);
                    layers.Add(new VectorLayer(node, views[input], [new VectorWrite(node, node.Output, Second(node))]));
                    break;
                case MaxPool or LookUp or ResponseNorm:
                    Store(node);
                    layers.Add(new MapLayer(node, views[input], node.Output));
                    break;
                case Concat or Assemble:
                    Store(node);
                    break;
                case Slice slice when views[input].Sliced(slice) is { } view:
                    views[node.Output] = view;
                    break;
                case Pad pad when views[input].Padded(pad) is { } view:
                    views[node.Output] = view;
                    break;
                default:
                    Store(node);
                    Refuse(node, $"{node.Op.GetType().Name} has no form on the machine");
                    break;
            }
        }

        Concatenations concatenations = Concatenations.Of(graph);
        HashSet<string> stored = [graph.InputName];
        foreach (Layer layer in layers)
        {
            if (!layer.Reads.SelectMany(concatenations.WrittenFor).All(stored.Contains))
                Refuse(layer.Node, "one of its results is read before all of them can be written");
            stored.UnionWith(layer.Stores);
            if (layer.Source.ZeroChannelsBefore + layer.Source.ZeroChannelsAfter > 0)
                Refuse(layer.Node, "it reads a channel-padded tensor, and only an added operand may be padded");
            if (!layer.Source.IsAligned || layer.Writes.Any(write => write.Add is { IsAligned: false }))
                Refuse(layer.Node, "it reads channels that do not start at a multiple of 8");
        }

        if (graph.Outputs.Any(output => !stored.Contains(output.Name) || output.Name == graph.InputName))
            refused.Add(DiagnosticDescriptors.NoMachineForm.At(null, graph.Name,
                "no layer writes its output: it is the input, or a part of it"));
        return refused.Count > 0 ? throw new EbspException(refused) : layers.ToImmutable();

        void Store(Node node) => views[node.Output] = View.Of(node.Output, graph.TypeOf(node.Output).Shape);

        // What the array reads next is written first: other readers wait for less.
        int FirstReader(string tensor) => consumers[tensor].Select(reader => position[reader]).DefaultIfEmpty(int.MaxValue).Min();

        View? Second(Node node)
        {
            if (node.Inputs.Length < 2)
                return null;
            View view = views[node.Inputs[1]];
            Shape shape = graph.TypeOf(node.Output).Shape;
            return (view.Rows, view.Columns) == (shape.Height, shape.Width) ? view : view.Repeated(shape.Height, shape.Width);
        }

        void Refuse(Node node, string cause) =>
            refused.Add(DiagnosticDescriptors.NoMachineForm.At(null, node.Name, cause));
    }
}

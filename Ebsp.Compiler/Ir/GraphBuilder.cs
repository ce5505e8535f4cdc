using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Ir;

/// <summary>Adds nodes in order, with inferred types, and returns the immutable graph; for the importer, the quantizer and
/// passes.</summary>
public sealed class GraphBuilder
{
    private readonly Graph _header;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, TensorType> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nodeNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lastNumber = new(StringComparer.Ordinal);

    /// <summary>A float graph to be.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="inputName">Tensor that the host writes.</param>
    /// <param name="inputShape">Shape of one image.</param>
    public GraphBuilder(string name, string inputName, Shape inputShape)
        : this(Header(name, inputName, inputShape, null))
    {
    }

    /// <summary>An integer graph to be: reads the same images, encoded.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="inputName">Tensor that the host writes.</param>
    /// <param name="inputShape">Shape of one image in real channels.</param>
    /// <param name="encoding">How the host writes it; two terms double the channels of the tensor.</param>
    public GraphBuilder(string name, string inputName, Shape inputShape, InputEncoding encoding)
        : this(Header(name, inputName, inputShape, encoding))
    {
    }

    private GraphBuilder(Graph header)
    {
        _header = header;
        Preprocessing = header.Preprocessing;
        Labels = header.Labels;
        _types.Add(header.InputName, InputType(header.InputShape, header.InputEncoding));
    }

    /// <summary>A builder with the input, preprocessing, labels and name of a graph, and none of its nodes.</summary>
    public static GraphBuilder Like(Graph graph) => new(graph);

    /// <summary>From raw pixels to input values.</summary>
    public Preprocessing Preprocessing { get; set; }

    /// <summary>Class names, or empty.</summary>
    public ImmutableArray<string> Labels { get; set; }

    /// <summary>Tensor that the host writes.</summary>
    public string InputName => _header.InputName;

    /// <summary>The nodes so far.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The type of a tensor made so far.</summary>
    public TensorType TypeOf(string tensor) => _types[tensor];

    /// <summary>A tensor that no node makes: what is built with it is looked at, and never a graph.</summary>
    internal void Assume(string tensor, TensorType type) => _types.Add(tensor, type);

    /// <summary>Whether a tensor was made.</summary>
    public bool Has(string tensor) => _types.ContainsKey(tensor);

    /// <summary>Adds a node whose output tensor has its name.</summary>
    /// <param name="name">Name of the node; taken names get a number behind them.</param>
    /// <param name="op">The operation.</param>
    /// <param name="inputs">Tensors that it reads, made before.</param>
    /// <returns>Name of the output tensor.</returns>
    /// <exception cref="EbspException">EBSP2001: the inputs do not fit the operation.</exception>
    public string Add(string name, Op op, params ReadOnlySpan<string> inputs) => Add(name, op, inputs, Unused(name), 1);

    /// <summary>Adds a node with a scale, its output named as the node.</summary>
    /// <param name="name">Name of the node; taken names get a number behind them.</param>
    /// <param name="op">The operation.</param>
    /// <param name="scale">Real value of one unit of the output.</param>
    /// <param name="inputs">Tensors that it reads, made before.</param>
    /// <returns>Name of the output tensor.</returns>
    /// <exception cref="EbspException">EBSP2001: the inputs do not fit the operation.</exception>
    public string Add(string name, Op op, double scale, params ReadOnlySpan<string> inputs) => Add(name, op, inputs, Unused(name), scale);

    /// <summary>Adds a node.</summary>
    /// <param name="name">Name of the node; taken names get a number behind them.</param>
    /// <param name="op">The operation.</param>
    /// <param name="inputs">Tensors that it reads, made before.</param>
    /// <param name="output">Name of the output tensor, not taken.</param>
    /// <param name="scale">Real value of one unit of the output.</param>
    /// <returns>Name of the output tensor.</returns>
    /// <exception cref="EbspException">EBSP2001: the inputs do not fit the operation. EBSP2002: a name is unknown or taken.</exception>
    public string Add(string name, Op op, ReadOnlySpan<string> inputs, string output, double scale = 1)
    {
        TensorType[] types = new TensorType[inputs.Length];
        for (int i = 0; i < types.Length; i++)
        {
            types[i] = _types.GetValueOrDefault(inputs[i])
                ?? throw DiagnosticDescriptors.GraphNotWellFormed.Error(null, name, $"the tensor '{inputs[i]}' is read before it is made");
        }

        TensorType type = TypeInference.Infer(name, op, types, scale);
        if (!_types.TryAdd(output, type))
            throw DiagnosticDescriptors.GraphNotWellFormed.Error(null, name, $"the tensor '{output}' is made twice");
        string unique = Unused(name, _nodeNames.Contains);
        _nodeNames.Add(unique);
        _nodes.Add(new Node(unique, op, [.. inputs], output));
        return output;
    }

    /// <summary>Adds a node of another graph as it is, scale of its output included.</summary>
    /// <exception cref="EbspException">EBSP2001, EBSP2002.</exception>
    public string Copy(Node node, Graph from) => Add(node.Name, node.Op, node.Inputs.AsSpan(), node.Output, from.TypeOf(node.Output).Scale);

    /// <summary>A tensor name that is not taken: the wish, or with a number behind it.</summary>
    public string Unused(string wish) => Unused(wish, _types.ContainsKey);

    /// <summary>The graph.</summary>
    /// <param name="output">Tensor that the host reads.</param>
    /// <param name="transform">What the host does with it.</param>
    public Graph Build(string output, OutputTransform transform = OutputTransform.None) => _header with
    {
        Preprocessing = Preprocessing,
        Labels = Labels,
        Nodes = [.. _nodes],
        OutputName = output,
        OutputTransform = transform,
        Types = _types.ToFrozenDictionary(StringComparer.Ordinal),
    };

    /// <summary>The graph with several outputs.</summary>
    /// <param name="outputs">What the host reads, at least one tensor.</param>
    public Graph Build(IReadOnlyList<GraphOutput> outputs) => Build(outputs[0].Name).WithOutputs(outputs);

    /// <summary>Type of the input tensor.</summary>
    internal static TensorType InputType(Shape shape, InputEncoding? encoding) => encoding is null
        ? new TensorType(shape)
        : new TensorType(shape with { Channels = shape.Channels * encoding.Terms }, encoding.Format, encoding.Scale);

    // Numbers go on where they stopped: many equal wishes stay cheap.
    private string Unused(string wish, Predicate<string> isTaken)
    {
        string name = wish;
        for (int i = _lastNumber.GetValueOrDefault(wish, 1); isTaken(name); _lastNumber[wish] = i)
            name = string.Create(CultureInfo.InvariantCulture, $"{wish}.{++i}");
        return name;
    }

    private static Graph Header(string name, string inputName, Shape shape, InputEncoding? encoding) => new(
        name, inputName, shape, Preprocessing.None, encoding, [], inputName, OutputTransform.None,
        FrozenDictionary<string, TensorType>.Empty, []);
}

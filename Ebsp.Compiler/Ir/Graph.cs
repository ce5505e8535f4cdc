using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Ebsp.Compiler.Ir;

/// <summary>One operation with its place in the graph.</summary>
/// <param name="Name">Name in the source model; unique within the graph.</param>
/// <param name="Op">What it does.</param>
/// <param name="Inputs">Names of the tensors it reads.</param>
/// <param name="Output">Name of the tensor it makes; unique within the graph.</param>
public sealed record Node(string Name, Op Op, ImmutableArray<string> Inputs, string Output);

/// <summary>How raw pixels become the network's input: x = (pixel * Scale - Mean[c]) / Std[c].</summary>
/// <param name="Scale">Factor of a pixel 0..255, such as 1/255.</param>
/// <param name="Mean">[C], or one for all channels.</param>
/// <param name="Std">[C], or one for all channels; not zero.</param>
/// <param name="ReverseChannels">True where the network wants BGR; pixels come as RGB.</param>
public sealed record Preprocessing(double Scale, ImmutableArray<double> Mean, ImmutableArray<double> Std, bool ReverseChannels = false)
{
    /// <summary>Pixels as they are: x = pixel.</summary>
    public static Preprocessing None { get; } = new(1, [0], [1]);

    /// <summary>The real input value of a pixel of channel c (after the channel order was applied).</summary>
    public double Apply(byte pixel, int c) => (pixel * Scale - Mean[Mean.Length == 1 ? 0 : c]) / Std[Std.Length == 1 ? 0 : c];
}

/// <summary>How the host writes the input of an integer graph: x / Scale rounded half up, saturated, split into terms.</summary>
/// <param name="Format">Pattern format of each term, at most 8 bits.</param>
/// <param name="Terms">1, or 2: channels 0..C-1 hold the first term, C..2C-1 the second.</param>
/// <param name="Scale">Real value of one unit.</param>
public sealed record InputEncoding(Isa.Numerics.PatternFormat Format, int Terms, double Scale);

/// <summary>What the host does with the class scores, in double, outside the bit-exact part.</summary>
public enum OutputTransform
{
    /// <summary>float32 = integer * scale.</summary>
    None = 0,

    /// <summary>Softmax over the classes.</summary>
    Softmax = 1,

    /// <summary>Log-softmax over the classes.</summary>
    LogSoftmax = 2,

    /// <summary>1 for the largest score (the first of equals), 0 for the others.</summary>
    ArgMax = Isa.Programs.OutputTransforms.ArgMax,

    /// <summary>1 / (1 + exp(-x)) of each value.</summary>
    Sigmoid = Isa.Programs.OutputTransforms.Sigmoid,

    /// <summary>exp(x) of each value.</summary>
    Exp = Isa.Programs.OutputTransforms.Exp,

    /// <summary>Divided by the sum of the magnitudes of all channels of the pixel; zeros stay.</summary>
    Normalize1 = Isa.Programs.OutputTransforms.Normalize1,

    /// <summary>Divided by the root of the sum of squares of all channels of the pixel; zeros stay.</summary>
    Normalize2 = Isa.Programs.OutputTransforms.Normalize2,
}

/// <summary>A tensor that the host reads at the end.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Transform">What the host does with it.</param>
/// <param name="ChannelsLast">Whether the model's own output is N x H x W x C; the graph makes it C, H, W.</param>
public sealed record GraphOutput(string Name, OutputTransform Transform = OutputTransform.None, bool ChannelsLast = false);

/// <summary>
/// A network: immutable; passes return a new one. Nodes stand in an order in which every tensor is made before it is read.
/// </summary>
/// <param name="Name">Name of the model.</param>
/// <param name="InputName">Tensor that the host writes.</param>
/// <param name="InputShape">Shape of one image in real channels (an integer graph with two input terms reads 2C channels).</param>
/// <param name="Preprocessing">From raw pixels to input values.</param>
/// <param name="InputEncoding">Null in a float graph.</param>
/// <param name="Nodes">Operations in order.</param>
/// <param name="OutputName">Tensor that the host reads; the first of several.</param>
/// <param name="OutputTransform">What the host does with it.</param>
/// <param name="Types">Type of every tensor, the input included.</param>
/// <param name="Labels">Class names, or empty.</param>
public sealed record Graph(
    string Name,
    string InputName, Shape InputShape, Preprocessing Preprocessing, InputEncoding? InputEncoding,
    ImmutableArray<Node> Nodes,
    string OutputName, OutputTransform OutputTransform,
    FrozenDictionary<string, TensorType> Types,
    ImmutableArray<string> Labels)
{
    /// <summary>Whether the model reads N x H x W x C: arrays of that order are its input as they are, and become C, H, W here.</summary>
    public bool InputChannelsLast { get; init; }

    /// <summary>Whether the model's own output is N x H x W x C; the graph makes it C, H, W.</summary>
    public bool OutputChannelsLast { get; init; }

    /// <summary>The outputs behind the first one; none of most networks.</summary>
    public ImmutableArray<GraphOutput> OtherOutputs { get; init; } = [];

    /// <summary>All outputs in the order of the model.</summary>
    public ImmutableArray<GraphOutput> Outputs => [new(OutputName, OutputTransform, OutputChannelsLast), .. OtherOutputs];

    /// <summary>Whether the host reads a tensor at the end.</summary>
    public bool IsOutput(string tensor) => tensor == OutputName || OtherOutputs.Any(output => output.Name == tensor);

    /// <summary>The graph with these outputs, at least one.</summary>
    public Graph WithOutputs(IReadOnlyList<GraphOutput> outputs) => this with
    {
        OutputName = outputs[0].Name,
        OutputTransform = outputs[0].Transform,
        OutputChannelsLast = outputs[0].ChannelsLast,
        OtherOutputs = [.. outputs.Skip(1)],
    };

    /// <summary>True once the graph is quantized: every tensor is an integer tensor.</summary>
    public bool IsInteger => InputEncoding is not null;

    /// <summary>The type of a tensor.</summary>
    public TensorType TypeOf(string tensor) => Types[tensor];

    /// <summary>The node that makes a tensor, or null for the input.</summary>
    public Node? ProducerOf(string tensor) => Nodes.FirstOrDefault(node => node.Output == tensor);

    /// <summary>The nodes that read a tensor, in order.</summary>
    public IEnumerable<Node> ConsumersOf(string tensor) => Nodes.Where(node => node.Inputs.Contains(tensor));
}

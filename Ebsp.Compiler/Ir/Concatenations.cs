namespace Ebsp.Compiler.Ir;

/// <summary>Where a stored tensor lies.</summary>
/// <param name="Root">The tensor that holds it: itself, or what it is a part of.</param>
/// <param name="FirstChannel">Its first channel there, a multiple of 8.</param>
/// <param name="Pixels">Its pixels there.</param>
public readonly record struct TensorPlace(string Root, int FirstChannel, PixelPlace Pixels);

/// <summary>
/// Which stored tensors lie inside others: a part of a concatenation is a run of channels of the tensor it goes into, a part of an assembly
/// some of its pixels, so that nothing is copied. What lies in a part lies in the whole; all ends in one tensor, the root.
/// </summary>
public sealed class Concatenations
{
    private readonly Graph _graph;
    private readonly Dictionary<string, (string Into, int FirstChannel, PixelPlace? Pixels)> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _parts = new(StringComparer.Ordinal);

    private Concatenations(Graph graph) => _graph = graph;

    /// <summary>The concatenations and assemblies of a graph that went through <see cref="Passes.PlaceConcat"/>.</summary>
    /// <exception cref="InvalidOperationException">A part has two places, or starts within a group of 8 channels.</exception>
    public static Concatenations Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Concatenations result = new(graph);
        foreach (Node node in graph.Nodes.Where(node => node.Op is Concat or Assemble))
        {
            int channel = 0;
            List<string> parts = result._parts[node.Output] = [];
            for (int i = 0; i < node.Inputs.Length; i++)
            {
                string part = PartOf(graph, node, i);
                PixelPlace? pixels = node.Op is Assemble assemble ? assemble.Places[i] : null;
                if (channel % 8 != 0 || !result._places.TryAdd(part, (node.Output, channel, pixels)))
                    throw new InvalidOperationException($"{part} has no place in {node.Output}");
                parts.Add(part);
                if (node.Op is Concat)
                    channel += graph.TypeOf(node.Inputs[i]).Shape.Channels;
            }
        }

        return result;
    }

    /// <summary>
    /// The stored tensor behind an input of a concatenation or assembly: channels of zeros that only fill the last group of 8 of a
    /// concatenation's part are stored with it.
    /// </summary>
    internal static string PartOf(Graph graph, Node node, int index)
    {
        string input = node.Inputs[index];
        if (node.Op is not Concat
            || graph.ProducerOf(input) is not { Op: Pad { ChannelsBefore: 0, Top: 0, Left: 0, Bottom: 0, Right: 0 } pad } padded)
            return input;
        int channels = graph.TypeOf(padded.Inputs[0]).Shape.Channels;
        return channels + pad.ChannelsAfter == (channels + 7) / 8 * 8 ? padded.Inputs[0] : input;
    }

    /// <summary>Whether all that lies in a tensor can lie where the tensor is put.</summary>
    /// <param name="graph">A graph.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="pixels">Its pixels in what it is put into.</param>
    internal static bool CanLie(Graph graph, string tensor, PixelPlace pixels)
    {
        Shape shape = graph.TypeOf(tensor).Shape;
        return graph.ProducerOf(tensor) switch
        {
            { Op: Concat } node => node.Inputs.All(part => CanLie(graph, part, pixels)),
            { Op: Assemble op } node => node.Inputs.Select((part, i) =>
                pixels.Of(op.Places[i], graph.TypeOf(part).Shape, shape) is { } place && CanLie(graph, part, place)).All(fits => fits),
            _ => true,
        };
    }

    /// <summary>The tensor that holds a tensor, and where; a tensor that is no part holds itself.</summary>
    public TensorPlace PlaceOf(string tensor) => PlacesOf(tensor).Last();

    /// <summary>All that a tensor lies in: itself, what it is a part of, what that is a part of, up to the root.</summary>
    public IEnumerable<TensorPlace> PlacesOf(string tensor)
    {
        Shape own = _graph.TypeOf(tensor).Shape;
        TensorPlace at = new(tensor, 0, PixelPlace.Whole(own.Width));
        yield return at;
        while (_places.TryGetValue(at.Root, out (string Into, int FirstChannel, PixelPlace? Pixels) place))
        {
            PixelPlace pixels = place.Pixels is not { } outer ? at.Pixels
                : outer.Of(at.Pixels, own, _graph.TypeOf(at.Root).Shape)
                    ?? throw new InvalidOperationException($"{tensor} has no place in {place.Into}");
            at = new TensorPlace(place.Into, at.FirstChannel + place.FirstChannel, pixels);
            yield return at;
        }
    }

    /// <summary>The tensors that layers write when this one is made: its parts, or itself.</summary>
    public IEnumerable<string> WrittenFor(string tensor) =>
        _parts.TryGetValue(tensor, out List<string>? parts) ? parts.SelectMany(WrittenFor) : [tensor];
}

namespace Ebsp.Compiler.Ir;

/// <summary>
/// Which stored tensors lie inside others: a part of a concatenation is a run of channels of the tensor it goes into, so that nothing
/// is copied. Concatenations of concatenations end in one tensor, the root.
/// </summary>
public sealed class Concatenations
{
    private readonly Dictionary<string, (string Into, int FirstChannel)> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _parts = new(StringComparer.Ordinal);

    /// <summary>The concatenations of a graph that went through <see cref="Passes.PlaceConcat"/>.</summary>
    /// <exception cref="InvalidOperationException">A part has two places, or starts within a group of 8 channels.</exception>
    public static Concatenations Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Concatenations result = new();
        foreach (Node node in graph.Nodes.Where(node => node.Op is Concat))
        {
            int channel = 0;
            List<string> parts = result._parts[node.Output] = [];
            foreach (string input in node.Inputs)
            {
                string part = PartOf(graph, input);
                if (channel % 8 != 0 || !result._places.TryAdd(part, (node.Output, channel)))
                    throw new InvalidOperationException($"{part} has no place in {node.Output}");
                parts.Add(part);
                channel += graph.TypeOf(input).Shape.Channels;
            }
        }

        return result;
    }

    /// <summary>
    /// The stored tensor behind an input of a concatenation: channels of zeros that only fill its last group of 8 are stored with it.
    /// </summary>
    internal static string PartOf(Graph graph, string input)
    {
        if (graph.ProducerOf(input) is not { Op: Pad { ChannelsBefore: 0, Top: 0, Left: 0, Bottom: 0, Right: 0 } pad } node)
            return input;
        int channels = graph.TypeOf(node.Inputs[0]).Shape.Channels;
        return channels + pad.ChannelsAfter == (channels + 7) / 8 * 8 ? node.Inputs[0] : input;
    }

    /// <summary>The tensor that holds a tensor, and the tensor's first channel in it; a tensor that is no part holds itself.</summary>
    public (string Root, int FirstChannel) PlaceOf(string tensor)
    {
        int channel = 0;
        while (_places.TryGetValue(tensor, out (string Into, int FirstChannel) place))
            (tensor, channel) = (place.Into, channel + place.FirstChannel);
        return (tensor, channel);
    }

    /// <summary>The tensors that layers write when this one is made: its parts, or itself.</summary>
    public IEnumerable<string> WrittenFor(string tensor) =>
        _parts.TryGetValue(tensor, out List<string>? parts) ? parts.SelectMany(WrittenFor) : [tensor];
}

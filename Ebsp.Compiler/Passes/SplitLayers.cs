using System.Collections.Immutable;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// A convolution or fully connected layer whose readers each take some of its channels, whole maps of them, becomes one layer for each
/// reader: nothing is moved afterwards, and nothing is computed that nobody takes.
/// </summary>
public static class SplitLayers
{
    /// <summary>The graph with such layers split.</summary>
    public static Graph Run(Graph graph)
    {
        // What takes channels may be a layer whose readers take some of its own.
        while (Once(graph) is { } split)
            graph = split;
        return graph;
    }

    private static Graph? Once(Graph graph)
    {
        ILookup<string, Node> readers = graph.Readers();
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not (Conv { Groups: 1 } or FullyConnected) || graph.IsOutput(node.Output) || !readers[node.Output].Any())
                continue;
            Shape shape = graph.TypeOf(node.Output).Shape;
            int[]?[] chosen = [.. readers[node.Output].Select(reader => ChannelsOf(reader.Op, shape))];
            // Twice as much work as before may be less than what moves the channels; more is not.
            if (chosen.All(channels => channels is not null) && chosen.Sum(channels => channels!.Length) <= 2 * shape.Channels)
                return graph.WithNodes(graph.Nodes.Where(each => each != node).Select(each => each.Inputs[0] == node.Output
                    ? each with { Op = Chosen(node.Op, ChannelsOf(each.Op, shape)!), Inputs = node.Inputs } : each));
        }

        return null;
    }

    /// <summary>The channels that an operation takes of a map and hands on as they are; null where it does something else.</summary>
    private static int[]? ChannelsOf(Op op, Shape shape)
    {
        switch (op)
        {
            case Slice { StartY: 0, StepY: 1, StartX: 0, StepX: 1 } slice when slice.Rows == shape.Height && slice.Columns == shape.Width:
                return [.. Enumerable.Range(slice.StartChannel, slice.Channels)];
            case Conv { Groups: 1, WeightSteps.IsEmpty: true, Geometry: { Taps: 1, StrideY: 1, StrideX: 1, IsPadded: false } } conv
                when conv.Bias.All(bias => bias == 0):
                int[] channels = new int[conv.OutputChannels];
                for (int k = 0; k < channels.Length; k++)
                {
                    ReadOnlySpan<float> row = conv.Weights.AsSpan(k * shape.Channels, shape.Channels);
                    channels[k] = row.IndexOf(1f);
                    if (channels[k] < 0 || row[..channels[k]].ContainsAnyExcept(0f) || row[(channels[k] + 1)..].ContainsAnyExcept(0f))
                        return null;
                }

                return channels;
            default:
                return null;
        }
    }

    private static Op Chosen(Op op, int[] channels) => op switch
    {
        Conv conv => conv with
        {
            OutputChannels = channels.Length,
            Weights = Rows(conv.Weights, conv.OutputChannels, channels),
            Bias = Rows(conv.Bias, conv.OutputChannels, channels),
            WeightSteps = conv.WeightSteps.Length > 1 ? Rows(conv.WeightSteps, conv.OutputChannels, channels) : conv.WeightSteps,
        },
        FullyConnected full => full with
        {
            OutputChannels = channels.Length,
            Weights = Rows(full.Weights, full.OutputChannels, channels),
            Bias = Rows(full.Bias, full.OutputChannels, channels),
            WeightSteps = full.WeightSteps.Length > 1 ? Rows(full.WeightSteps, full.OutputChannels, channels) : full.WeightSteps,
        },
        _ => throw new InvalidOperationException(),
    };

    private static ImmutableArray<float> Rows(ImmutableArray<float> values, int rows, int[] chosen)
    {
        int row = values.Length / rows;
        return [.. chosen.SelectMany(k => values.AsSpan(k * row, row).ToArray())];
    }
}

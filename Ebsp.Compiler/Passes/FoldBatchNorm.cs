using System.Collections.Immutable;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// Factors and offsets by channel go into the weights of the convolution or fully connected layer that makes the tensor, or else
/// into those of the layers that read it: fully connected ones and convolutions without padding (padding is zero and has no offset;
/// factors alone pass padding too). What fits neither stays, for the vector unit.
/// </summary>
public static class FoldBatchNorm
{
    /// <summary>The graph with every affine step folded that can be.</summary>
    public static Graph Run(Graph graph)
    {
        while (Once(graph) is { } folded)
            graph = folded;
        return graph;
    }

    private static Graph? Once(Graph graph)
    {
        ILookup<string, Node> readers = graph.Readers();
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not ChannelAffine affine)
                continue;
            Node? producer = graph.ProducerOf(node.Inputs[0]);
            if (producer is not null && graph.HasOneReader(readers, producer.Output) && AfterProducer(producer.Op, affine) is { } op)
            {
                // The producer stands where the affine step stood: nothing between the two reads what it makes.
                Node merged = producer with { Op = op, Output = node.Output };
                return graph.WithNodes(graph.Nodes.Where(each => each != producer).Select(each => each == node ? merged : each));
            }

            if (!graph.IsOutput(node.Output) && readers[node.Output].All(reader => Foldable(reader.Op, affine)))
            {
                Shape shape = graph.TypeOf(node.Output).Shape;
                return graph.WithNodes(graph.Nodes.Where(each => each != node).Select(each => each.Inputs.Contains(node.Output)
                    ? each.Reading(node.Output, node.Inputs[0]) with { Op = BeforeReader(each.Op, affine, shape) } : each));
            }
        }

        return null;
    }

    private static Op? AfterProducer(Op op, ChannelAffine affine) => op switch
    {
        Conv conv => conv with { Weights = ScaleRows(conv.Weights, affine), Bias = Apply(conv.Bias, affine), WeightSteps = [] },
        FullyConnected full => full with { Weights = ScaleRows(full.Weights, affine), Bias = Apply(full.Bias, affine), WeightSteps = [] },
        ChannelAffine first => new ChannelAffine(
            [.. first.Factor.Select((factor, c) => (float)((double)factor * affine.Factor[c]))], Apply(first.Offset, affine)),
        _ => null,
    };

    private static bool Foldable(Op op, ChannelAffine affine) =>
        op is FullyConnected || (op is Conv conv && (!conv.Geometry.IsPadded || affine.Offset.All(offset => offset == 0)));

    private static Op BeforeReader(Op op, ChannelAffine affine, Shape shape)
    {
        if (op is FullyConnected full)
        {
            int plane = shape.Height * shape.Width;
            (ImmutableArray<float> weights, ImmutableArray<float> bias) = Absorb(full.Weights, full.Bias, affine, plane, (k, c) => c);
            return full with { Weights = weights, Bias = bias, WeightSteps = [] };
        }

        Conv conv = (Conv)op;
        int channels = shape.Channels / conv.Groups, outputs = conv.OutputChannels / conv.Groups;
        (ImmutableArray<float> w, ImmutableArray<float> b) = Absorb(conv.Weights, conv.Bias, affine,
            (int)conv.Geometry.Taps, (k, c) => k / outputs * channels + c);
        return conv with { Weights = w, Bias = b, WeightSteps = [] };
    }

    private static (ImmutableArray<float> Weights, ImmutableArray<float> Bias) Absorb(
        ImmutableArray<float> weights, ImmutableArray<float> bias, ChannelAffine affine, int plane, Func<int, int, int> inputChannel)
    {
        float[] scaled = new float[weights.Length], moved = new float[bias.Length];
        int row = weights.Length / bias.Length;
        for (int k = 0; k < bias.Length; k++)
        {
            double sum = bias[k];
            for (int i = 0; i < row; i++)
            {
                int c = inputChannel(k, i / plane);
                double weight = weights[k * row + i];
                scaled[k * row + i] = (float)(weight * affine.Factor[c]);
                sum += weight * affine.Offset[c];
            }

            moved[k] = (float)sum;
        }

        return ([.. scaled], [.. moved]);
    }

    private static ImmutableArray<float> ScaleRows(ImmutableArray<float> weights, ChannelAffine affine)
    {
        int row = weights.Length / affine.Factor.Length;
        return [.. weights.Select((weight, i) => (float)((double)weight * affine.Factor[i / row]))];
    }

    private static ImmutableArray<float> Apply(ImmutableArray<float> values, ChannelAffine affine) =>
        [.. values.Select((value, c) => (float)((double)value * affine.Factor[c] + affine.Offset[c]))];
}

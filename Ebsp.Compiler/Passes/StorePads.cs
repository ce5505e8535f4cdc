using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// Zeros around rows and columns that no convolution takes as its padding: the map is copied with them, as sums over windows of one
/// element,
/// which are 0 outside of it.
/// </summary>
public static class StorePads
{
    /// <summary>The graph without pads of rows and columns.</summary>
    public static Graph Run(Graph graph)
    {
        if (!graph.Nodes.Any(node => node.Op is Pad pad && (pad.Top | pad.Left | pad.Bottom | pad.Right) != 0))
            return graph;
        GraphBuilder builder = GraphBuilder.Like(graph);
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not Pad pad || (pad.Top | pad.Left | pad.Bottom | pad.Right) == 0)
            {
                builder.Copy(node, graph);
                continue;
            }

            TensorType type = graph.TypeOf(node.Output);
            bool padsChannels = (pad.ChannelsBefore | pad.ChannelsAfter) != 0;
            KernelWindow window = new(1, 1, 1, 1, pad.Top, pad.Left, pad.Bottom, pad.Right);
            string sums = builder.Add(node.Name, new SumPool(window, CeilMode: false), [node.Inputs[0]],
                builder.Unused($"{node.Output}.acc"));
            string copied = padsChannels ? builder.Unused($"{node.Output}.map") : node.Output;
            builder.Add($"{node.Name}.copy", Copy(type.Format!.Value), [sums], copied, type.Scale);
            if (padsChannels)
                builder.Add($"{node.Name}.channels", pad with { Top = 0, Left = 0, Bottom = 0, Right = 0 }, [copied], node.Output,
                    type.Scale);
        }

        return builder.Build(graph.OutputName, graph.OutputTransform);
    }

    /// <summary>A requantization that changes nothing: (2a + 1) >> 1 is a.</summary>
    internal static Requantize Copy(PatternFormat format)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        return new Requantize([2], false, 0, [], 1, format.Signed ? -limit : 0, limit, format);
    }
}

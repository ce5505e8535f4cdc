using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Passes;

/// <summary>
/// Addresses go by groups of 8 channels. What should start within a group (a part of a concatenation, a slice, channels behind zeros) is
/// moved there first: only the array brings a channel to another lane, so a convolution of ones copies it, and a requantization stores it
/// behind what its group has already. The copies stand in the graph for all to see; their cycles count.
/// </summary>
/// <remarks>
/// A value on the pattern takes one convolution. A plain value is the sum of pattern values, each the largest that the rest still holds,
/// so that ceil(M / k) convolutions move it exactly.
/// </remarks>
public static class AlignChannels
{
    /// <summary>The graph in which every channel run starts at a multiple of 8.</summary>
    /// <exception cref="EbspException">EBSP3002: a tensor of more than 8 bits would have to be moved.</exception>
    public static Graph Run(Graph graph)
    {
        if (!graph.Nodes.Any(node => IsOdd(graph, node)))
            return graph;
        int patternLength = graph.Nodes.Select(node => node.Op).OfType<IntegerConv>().Select(conv => conv.WeightFormat.PatternLength)
            .DefaultIfEmpty(1).Max();
        GraphBuilder builder = GraphBuilder.Like(graph);
        foreach (Node node in graph.Nodes)
        {
            if (!IsOdd(graph, node))
            {
                builder.Copy(node, graph);
                continue;
            }

            Mover mover = new(builder, node, patternLength);
            switch (node.Op)
            {
                case Slice slice:
                    string run = mover.Move(node.Inputs[0], slice.StartChannel, slice.Channels, 0, null);
                    builder.Add(node.Name, slice with { StartChannel = 0 }, [run], node.Output);
                    break;
                case Pad pad:
                    string moved = mover.Move(node.Inputs[0], 0, graph.TypeOf(node.Inputs[0]).Shape.Channels, pad.ChannelsBefore, null);
                    builder.Add(node.Name, pad with { ChannelsBefore = 0 }, [moved], node.Output);
                    break;
                default:
                    string[] parts = [.. Joined(graph, mover, node)];
                    Shape shape = graph.TypeOf(node.Output).Shape;
                    // All in one tensor: the concatenation is a view of it.
                    builder.Add(node.Name, parts.Length > 1 ? node.Op
                        : new Slice(0, shape.Channels, 0, 1, shape.Height, 0, 1, shape.Width), parts, node.Output);
                    break;
            }
        }

        return builder.Build(graph.OutputName, graph.OutputTransform);
    }

    private static bool IsOdd(Graph graph, Node node) => node.Op switch
    {
        Slice slice => slice.StartChannel % 8 != 0,
        Pad pad => pad.ChannelsBefore % 8 != 0,
        Concat => node.Inputs.SkipLast(1).Any(input => graph.TypeOf(input).Shape.Channels % 8 != 0),
        _ => false,
    };

    // Parts whose channels, all but the last one's, are multiples of 8: behind a part of another number of channels the next one is copied.
    private static List<string> Joined(Graph graph, Mover mover, Node node)
    {
        List<string> parts = [];
        int last = 0;
        foreach (string input in node.Inputs)
        {
            int channels = graph.TypeOf(input).Shape.Channels;
            if (last % 8 == 0)
            {
                parts.Add(input);
                last = channels;
            }
            else
            {
                parts[^1] = mover.Move(input, 0, channels, last, parts[^1]);
                last += channels;
            }
        }

        return parts;
    }

    /// <summary>Adds the copies for one node.</summary>
    private sealed class Mover(GraphBuilder builder, Node node, int patternLength)
    {
        /// <summary>A tensor with channels moved.</summary>
        /// <param name="tensor">Where they are.</param>
        /// <param name="first">The first of them.</param>
        /// <param name="count">How many.</param>
        /// <param name="before">Channels that come before them.</param>
        /// <param name="lead">The tensor of these, or null for zeros.</param>
        public string Move(string tensor, int first, int count, int before, string? lead)
        {
            PatternFormat format = builder.TypeOf(tensor).Format!.Value;
            if (format.Bits > PatternFormat.MaxOperandBits)
                throw DiagnosticDescriptors.NoMachineForm.Error(null, node.Name,
                    $"'{tensor}' of format {format} would have to be moved within a group of 8 channels, and only tensors of at most " +
                    $"{PatternFormat.MaxOperandBits} bits can be");
            string? sum = lead is null ? null
                : builder.Add($"{node.Name}.lead", new Pad(0, count, 0, 0, 0, 0), [lead], builder.Unused($"{node.Output}.lead"));
            string rest = tensor;
            if (format.IsPattern)
                return Store(Copied(tensor, first, count, before), sum, format);
            PatternFormat term = PatternFormat.Window(format.Bits, Math.Min(patternLength, format.MagnitudeBits), format.Signed);
            for (int bits = format.MagnitudeBits; ; bits -= term.PatternLength)
            {
                int limit = Limit(term);
                string part = Add("term", new Requantize([2], false, 0, [], 1, Low(term), limit, term, Term.First), rest);
                sum = Store(Copied(part, first, count, before), sum, format);
                if (bits <= term.PatternLength)
                    return sum;
                // (2a - 2b + 1) >> 1 is a - b.
                rest = Add("rest", new Requantize([2], false, -2, [], 1, Low(format), Limit(format), format), rest, part);
            }
        }

        private string Copied(string tensor, int first, int count, int before)
        {
            int inputs = builder.TypeOf(tensor).Shape.Channels;
            sbyte[] weights = new sbyte[(before + count) * inputs];
            for (int c = 0; c < count; c++)
                weights[(before + c) * inputs + first + c] = 1;
            return Add("copy", new IntegerConv(before + count, new KernelWindow(1, 1), 1, PatternFormat.Window(2, 1, signed: true),
                [.. weights], [.. new int[before + count]]), tensor);
        }

        private string Store(string sums, string? second, PatternFormat format)
        {
            Requantize op = new([2], false, second is null ? 0 : 2, [], 1, Low(format), Limit(format), format);
            return second is null ? Add("moved", op, sums) : Add("moved", op, sums, second);
        }

        private string Add(string what, Op op, params string[] inputs) =>
            builder.Add($"{node.Name}.{what}", op, inputs, builder.Unused($"{node.Output}.{what}"), builder.TypeOf(inputs[0]).Scale);

        private static int Limit(PatternFormat format) => (1 << format.MagnitudeBits) - 1;

        private static int Low(PatternFormat format) => format.Signed ? -Limit(format) : 0;
    }
}

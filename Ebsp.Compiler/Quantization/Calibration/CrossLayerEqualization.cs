using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Reference.FloatOps;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>
/// Cross-layer equalization (Nagel et al. 2019): between two layers with weights, joined by nothing or a clamp, each channel is scaled to
/// fill the range of the tensor, and the weights behind it are divided by the same factor. A tensor has one scale, so that its narrow
/// channels otherwise get few steps. The ranges are those of the calibration images.
/// </summary>
/// <remarks>
/// A clamp with an upper bound (ReLU6) keeps its one bound: channels that never reach it are scaled up to it, with room to spare, and their
/// clamp lies where no calibration image came; the others stay.
/// </remarks>
internal static class CrossLayerEqualization
{
    // Headroom under an upper bound for images that reach further than those of the calibration.
    private const double Headroom = 1.25;
    private const double LargestFactor = 64;

    /// <summary>The graph with every such pair equalized.</summary>
    /// <param name="graph">A float graph that went through the passes.</param>
    /// <param name="images">Preprocessed calibration images, H, W, C.</param>
    /// <param name="threads">Threads; the result does not depend on it.</param>
    public static Graph Run(Graph graph, float[][] images, int threads)
    {
        ILookup<string, Node> readers = graph.Readers();
        Dictionary<string, Pair> pairs = new(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is Conv && Between(graph, readers, node) is { } pair)
                pairs.Add(pair.Tensor, pair);
        }

        Dictionary<string, float[]> largest = Largest(graph, images, pairs.Keys, threads);
        Dictionary<Node, Op> changed = [];
        foreach (Pair pair in pairs.Values)
        {
            double[] factors = Factors(largest[pair.Tensor], pair.UpperBound);
            changed[pair.First] = Multiply((Conv)changed.GetValueOrDefault(pair.First, pair.First.Op), factors);
            changed[pair.Second] = Divide(changed.GetValueOrDefault(pair.Second, pair.Second.Op), factors, graph.TypeOf(pair.Tensor).Shape);
        }

        return GraphRewriting.Verified("cross-layer-equalization",
            graph.WithNodes(graph.Nodes.Select(node => changed.TryGetValue(node, out Op? op) ? node with { Op = op } : node)));
    }

    // Convolution, perhaps a clamp, then a layer with weights: nothing else may read what lies between.
    private static Pair? Between(Graph graph, ILookup<string, Node> readers, Node first)
    {
        string tensor = first.Output;
        double bound = double.PositiveInfinity;
        while (graph.HasOneReader(readers, tensor))
        {
            Node reader = readers[tensor].First();
            switch (reader.Op)
            {
                case Clamp { Minimum: 0 or float.NegativeInfinity } clamp:
                    bound = Math.Min(bound, clamp.Maximum);
                    tensor = reader.Output;
                    continue;
                case Conv or FullyConnected:
                    return new Pair(first, tensor, bound, reader);
                default:
                    return null;
            }
        }

        return null;
    }

    private static double[] Factors(float[] largest, double bound)
    {
        double all = largest.Max();
        return [.. largest.Select(each => each <= 0 ? 1
            : Math.Min(LargestFactor, double.IsFinite(bound) ? Math.Max(1, bound / (Headroom * each)) : all / each))];
    }

    // Largest magnitude of each channel over all images.
    private static Dictionary<string, float[]> Largest(Graph graph, float[][] images, IReadOnlyCollection<string> tensors, int threads)
    {
        Dictionary<string, float[]> largest =
            tensors.ToDictionary(tensor => tensor, tensor => new float[graph.TypeOf(tensor).Shape.Channels], StringComparer.Ordinal);
        FloatInterpreter first = new(graph);
        Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, first.Fork, (n, _, interpreter) =>
        {
            float[] planes = new float[images[n].Length];
            Layout.ToPlanes(images[n], planes, graph.InputShape);
            interpreter.Run(planes, new float[interpreter.ScoreElements], (tensor, values) =>
            {
                if (!largest.TryGetValue(tensor, out float[]? all))
                    return;
                int plane = values.Length / all.Length;
                lock (all)
                {
                    for (int i = 0; i < values.Length; i++)
                        all[i / plane] = Math.Max(all[i / plane], Math.Abs(values[i]));
                }
            });
            return interpreter;
        }, _ => { });
        return largest;
    }

    private static Conv Multiply(Conv conv, double[] factors)
    {
        int row = conv.Weights.Length / conv.OutputChannels;
        return conv with
        {
            Weights = [.. conv.Weights.Select((weight, i) => (float)(weight * factors[i / row]))],
            Bias = [.. conv.Bias.Select((bias, k) => (float)(bias * factors[k]))],
        };
    }

    private static Op Divide(Op op, double[] factors, Shape input)
    {
        if (op is FullyConnected full)
        {
            int plane = input.Height * input.Width, channels = input.Channels;
            return full with { Weights = [.. full.Weights.Select((weight, i) => (float)(weight / factors[i / plane % channels]))] };
        }

        Conv conv = (Conv)op;
        int perGroup = input.Channels / conv.Groups, taps = (int)conv.Geometry.Taps,
            outputs = conv.OutputChannels / conv.Groups;
        return conv with
        {
            Weights = [.. conv.Weights.Select((weight, i) =>
                (float)(weight / factors[i / (perGroup * taps) / outputs * perGroup + i / taps % perGroup]))],
        };
    }

    private sealed record Pair(Node First, string Tensor, double UpperBound, Node Second);
}

using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Training.Modules;

namespace Ebsp.Training.Export;

/// <summary>The float graph of a float network that was trained.</summary>
internal static class FloatGraphs
{
    /// <summary>The graph with the weights learned, batch normalization folded into them.</summary>
    public static Graph Of(TrainableNetwork network)
    {
        Dictionary<string, TrainedLayer> layers = network.Layers.ToDictionary(each => each.Layer.Node.Name, each => each.Layer,
            StringComparer.Ordinal);
        return network.Plan.Graph.WithNodes(network.Plan.Graph.Nodes.Select(node => layers.TryGetValue(node.Name, out TrainedLayer? layer)
            ? node with { Op = Learned(node.Op, layer) } : node)) with
        {
            InputChannelsLast = network.Plan.Graph.InputChannelsLast,
            OutputChannelsLast = network.Plan.Graph.OutputChannelsLast,
        };
    }

    private static Op Learned(Op op, TrainedLayer layer)
    {
        (double Factor, double Offset)[] folded = layer.Folded();
        float[] weights = layer.Weight.Floats.ToArray();
        int row = weights.Length / folded.Length;
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (float)(weights[i] * folded[i / row].Factor);
        float[] bias = [.. folded.Select(each => (float)each.Offset)];
        return op is Conv conv ? conv with { Weights = [.. weights], Bias = [.. bias], WeightSteps = [] }
            : (FullyConnected)op with { Weights = [.. weights], Bias = [.. bias], WeightSteps = [] };
    }
}

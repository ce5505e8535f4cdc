using Ebsp.Training.Modules;
using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Loop;

/// <summary>Mean and variance of what layers give: for batch normalization that is put into a network, and taken again at the
/// end.</summary>
internal static class Statistics
{
    /// <summary>Puts batch normalization behind layers without changing what the network computes on these images.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="batches">Images as the network reads them.</param>
    public static void Normalize(TrainableNetwork network, IReadOnlyList<TrainedLayer> layers, IEnumerable<Tensor> batches)
    {
        Dictionary<TrainedLayer, (Tensor Sum, Tensor Squares, long Count)> sums = [];
        foreach (TrainedLayer layer in layers)
        {
            layer.Observer = y =>
            {
                Tensor sum = y.sum([0L, 2L, 3L], type: ScalarType.Float64), squares = (y * y).sum([0L, 2L, 3L], type: ScalarType.Float64);
                long count = y.numel() / y.shape[1];
                if (sums.TryGetValue(layer, out (Tensor Sum, Tensor Squares, long Count) before))
                {
                    (sum, squares, count) = (before.Sum.Plus(sum), before.Squares.Plus(squares), before.Count + count);
                    before.Sum.Dispose();
                    before.Squares.Dispose();
                }

                sums[layer] = (sum.DetachFromDisposeScope(), squares.DetachFromDisposeScope(), count);
            };
        }

        using (no_grad())
        {
            foreach (Tensor batch in batches)
            {
                using var scope = NewDisposeScope();
                network.Run(batch, isTraining: false);
                batch.Dispose();
            }
        }

        foreach (TrainedLayer layer in layers)
        {
            layer.Observer = null;
            (Tensor sum, Tensor squares, long count) = sums[layer];
            double[] mean = [.. sum.data<double>().ToArray().Select(value => value / count)];
            double[] square = [.. squares.data<double>().ToArray().Select(value => value / count)];
            layer.Normalize([.. mean.Select(value => (float)value)],
                [.. mean.Select((value, k) => (float)Math.Max(0, square[k] - value * value))]);
            sum.Dispose();
            squares.Dispose();
        }
    }

    /// <summary>Takes the running statistics anew: the plain mean over some batches, with the weights as they are now.</summary>
    public static void Estimate(TrainableNetwork network, IEnumerable<Tensor> batches)
    {
        int done = 0;
        using (no_grad())
        {
            foreach (Tensor batch in batches)
            {
                using var scope = NewDisposeScope();
                done++;
                foreach ((_, TrainedLayer layer) in network.Layers)
                    layer.StatisticShare = 1.0 / done;
                network.Run(batch, isTraining: true);
                batch.Dispose();
            }
        }

        foreach ((_, TrainedLayer layer) in network.Layers)
            layer.StatisticShare = null;
    }
}

using Ebsp.Training.Modules;
using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Optimization;

/// <summary>
/// The decay of the weights toward their masked values: ADMM (Boyd et al. 2011, section 9.1) on min L(W) with W on the pattern. The loss
/// gains rho/2 * |W - Z + U|^2; every dual step Z becomes the projection of W + U, and U the running sum of what W lacks.
/// </summary>
internal sealed class Admm
{
    private readonly Dictionary<string, float[]> _targets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _duals = new(StringComparer.Ordinal);

    /// <summary>All of its state, in a fixed order.</summary>
    public IEnumerable<(string Name, float[] Values)> State => new[] { ("z/", _targets), ("u/", _duals) }
        .SelectMany(pair => pair.Item2.OrderBy(each => each.Key, StringComparer.Ordinal)
            .Select(each => (pair.Item1 + each.Key, each.Value)));

    /// <summary>Makes the state of a network: Z its masked weights, U zero.</summary>
    public void Prepare(TrainableNetwork network)
    {
        foreach (TrainedLayer layer in Masked(network))
        {
            float[] target = new float[layer.Weight.Value.numel()];
            MaskFunction.Project(layer.Weight.Floats, layer.Scale!, target, inUnits: false);
            _targets[layer.Weight.Name] = target;
            _duals[layer.Weight.Name] = new float[target.Length];
        }
    }

    /// <summary>The dual step.</summary>
    public void Update(TrainableNetwork network)
    {
        foreach (TrainedLayer layer in Masked(network))
        {
            Span<float> w = layer.Weight.Floats;
            float[] z = _targets[layer.Weight.Name], u = _duals[layer.Weight.Name];
            for (int i = 0; i < z.Length; i++)
                u[i] += w[i];
            MaskFunction.Project(u, layer.Scale!, z, inUnits: false);
            for (int i = 0; i < z.Length; i++)
                u[i] -= z[i];
        }
    }

    /// <summary>Projects again, where formats have changed.</summary>
    public void Retarget(TrainableNetwork network)
    {
        foreach (TrainedLayer layer in Masked(network))
        {
            Span<float> w = layer.Weight.Floats;
            float[] z = _targets[layer.Weight.Name], u = _duals[layer.Weight.Name], sum = new float[z.Length];
            for (int i = 0; i < z.Length; i++)
                sum[i] = w[i] + u[i];
            MaskFunction.Project(sum, layer.Scale!, z, inUnits: false);
        }
    }

    /// <summary>Adds rho * (W - Z + U) to the gradients of the weights.</summary>
    public void Pull(TrainableNetwork network, float rho)
    {
        foreach (TrainedLayer layer in Masked(network))
        {
            using Tensor? gradient = layer.Weight.Value.grad;
            if (gradient is null)
                continue;
            using Tensor ordered = gradient.InOrderOf(layer.Weight.Value);
            Span<float> g = ordered.Floats(), w = layer.Weight.Floats;
            float[] z = _targets[layer.Weight.Name], u = _duals[layer.Weight.Name];
            for (int i = 0; i < z.Length; i++)
                g[i] += rho * (w[i] - z[i] + u[i]);
            if (!ReferenceEquals(ordered, gradient))
                gradient.copy_(ordered);
        }
    }

    /// <summary>How far the weights are from their masked values, |W - masked| / |W|, and the share of them within a tenth of a
    /// unit.</summary>
    public static (double Residual, double Share) Distance(TrainableNetwork network)
    {
        const double Near = 0.1;
        double difference = 0, norm = 0;
        long near = 0, all = 0;
        foreach (TrainedLayer layer in Masked(network))
        {
            Span<float> w = layer.Weight.Floats;
            float[] masked = new float[w.Length];
            MaskFunction.Project(w, layer.Scale!, masked, inUnits: false);
            int row = w.Length / layer.Scale!.Values.Length;
            for (int i = 0; i < masked.Length; i++)
            {
                double d = w[i] - masked[i];
                difference += d * d;
                norm += (double)w[i] * w[i];
                near += Math.Abs(d) <= Near * layer.Scale.Values[i / row] ? 1 : 0;
            }

            all += masked.Length;
        }

        return all == 0 ? (0, 0) : (Math.Sqrt(difference / Math.Max(norm, double.Epsilon)), (double)near / all);
    }

    private static IEnumerable<TrainedLayer> Masked(TrainableNetwork network) =>
        network.Layers.Select(each => each.Layer).Where(layer => layer.Scale is not null);
}

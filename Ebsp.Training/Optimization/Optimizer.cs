using System.Numerics;
using System.Runtime.InteropServices;
using Ebsp.Training.Modules;
using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Optimization;

/// <summary>Which rule moves the weights.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum (Nesterov's form).</summary>
    Sgd,

    /// <summary>Adam with decoupled decay (Loshchilov and Hutter 2019).</summary>
    AdamW,
}

/// <summary>Moves weights, vectors and scales; its state is arrays, so that a checkpoint brings all of it back.</summary>
/// <param name="kind">Which rule.</param>
/// <param name="momentum">Share of the last step, or the first of Adam's two shares.</param>
/// <param name="decay">Weight decay; none on vectors and scales.</param>
/// <param name="scaleRate">Factor of the learning rate for scales.</param>
/// <param name="movesWeightScales">Whether the scales of weights are learned too.</param>
internal sealed class Optimizer(OptimizerKind kind, float momentum, float decay, float scaleRate, bool movesWeightScales = false)
{
    private const float SecondShare = 0.999f, Epsilon = 1e-8f;

    private readonly Dictionary<string, float[]> _first = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _second = new(StringComparer.Ordinal);

    /// <summary>Steps done.</summary>
    public int Steps { get; set; }

    /// <summary>All of its state, in a fixed order.</summary>
    public IEnumerable<(string Name, float[] Values)> State => new[] { ("first/", _first), ("second/", _second) }
        .SelectMany(pair => pair.Item2.OrderBy(each => each.Key, StringComparer.Ordinal)
            .Select(each => (pair.Item1 + each.Key, each.Value)));

    /// <summary>Makes the state of a network that has not been stepped yet.</summary>
    public void Prepare(TrainableNetwork network)
    {
        foreach (Trained array in network.Arrays.Where(array => array.Kind != TrainedKind.Statistic))
            Prepare(array.Name, (int)array.Value.numel());
        foreach (LearnedScale scale in network.Scales)
            Prepare(scale.Name, scale.Values.Length);
    }

    /// <summary>One step; gradients are zero afterwards.</summary>
    /// <param name="network">The network, after a backward pass.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="areScalesFrozen">Whether scales stay.</param>
    public void Step(TrainableNetwork network, float rate, bool areScalesFrozen)
    {
        Steps++;
        foreach (Trained array in network.Arrays.Where(array => array.Kind != TrainedKind.Statistic))
        {
            using Tensor? gradient = array.Value.grad;
            if (gradient is null)
                continue;
            using Tensor ordered = gradient.InOrderOf(array.Value);
            Move(array.Floats, ordered.Floats(), array.Name, rate, array.Kind == TrainedKind.Weight ? decay : 0);
            gradient.Floats().Clear();
        }

        foreach (LearnedScale scale in network.Scales)
        {
            if (!areScalesFrozen && (movesWeightScales || !scale.IsOfWeights))
            {
                Move(scale.Values, scale.Gradients, scale.Name, rate * scaleRate, 0);
                scale.Bound();
            }

            Array.Clear(scale.Gradients);
        }
    }

    private void Prepare(string name, int length)
    {
        if (_first.TryGetValue(name, out float[]? state) && state.Length == length)
            return;
        _first[name] = new float[length];
        if (kind == OptimizerKind.AdamW)
            _second[name] = new float[length];
    }

    private void Move(Span<float> values, ReadOnlySpan<float> gradients, string name, float rate, float decayed)
    {
        float[] first = _first[name];
        if (kind == OptimizerKind.Sgd)
            Sgd(values, gradients, first, rate, momentum, decayed);
        else
            Adam(values, gradients, first, _second[name], rate, decayed);
    }

    // v = momentum * v + g; w -= rate * (g + momentum * v), g with the decay in it.
    private static void Sgd(Span<float> values, ReadOnlySpan<float> gradients, Span<float> velocity, float rate, float momentum,
        float decay)
    {
        int width = Vector<float>.Count, whole = values.Length / width * width;
        Span<Vector<float>> w = MemoryMarshal.Cast<float, Vector<float>>(values[..whole]);
        Span<Vector<float>> v = MemoryMarshal.Cast<float, Vector<float>>(velocity[..whole]);
        ReadOnlySpan<Vector<float>> g = MemoryMarshal.Cast<float, Vector<float>>(gradients[..whole]);
        for (int i = 0; i < w.Length; i++)
        {
            Vector<float> gradient = g[i] + w[i] * decay;
            v[i] = v[i] * momentum + gradient;
            w[i] -= (gradient + v[i] * momentum) * rate;
        }

        for (int i = whole; i < values.Length; i++)
        {
            float gradient = gradients[i] + values[i] * decay;
            velocity[i] = velocity[i] * momentum + gradient;
            values[i] -= (gradient + velocity[i] * momentum) * rate;
        }
    }

    private void Adam(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, float rate, float decayed)
    {
        float one = (float)(1 - Math.Pow(momentum, Steps)), two = (float)(1 - Math.Pow(SecondShare, Steps));
        for (int i = 0; i < values.Length; i++)
        {
            first[i] = momentum * first[i] + (1 - momentum) * gradients[i];
            second[i] = SecondShare * second[i] + (1 - SecondShare) * gradients[i] * gradients[i];
            values[i] -= rate * (first[i] / one / (MathF.Sqrt(second[i] / two) + Epsilon) + decayed * values[i]);
        }
    }
}

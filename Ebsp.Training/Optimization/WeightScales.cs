using Ebsp.Isa.Numerics;
using Ebsp.Training.Modules;

namespace Ebsp.Training.Optimization;

/// <summary>How the scales of weights follow the weights.</summary>
public enum WeightScaleRule
{
    /// <summary>The least squared error of the masked weights, searched again every few steps.</summary>
    Search,

    /// <summary>By their gradient (LSQ).</summary>
    Learned,
}

/// <summary>The search for scales of masked weights, near those that they have.</summary>
internal static class WeightScales
{
    /// <summary>Steps between two searches.</summary>
    public const int Every = 20;

    // A step of 2 %, up to 20 % in either direction: more than weights move in between.
    private const double Ratio = 1.02;
    private const int Reach = 9;

    /// <summary>Moves every scale to the least squared error among its neighbors.</summary>
    public static void Search(TrainableNetwork network)
    {
        foreach ((_, TrainedLayer layer) in network.Layers)
        {
            if (layer.Scale is not { } scale)
                continue;
            Span<float> weights = layer.Weight.Floats;
            int row = weights.Length / scale.Values.Length;
            // Two terms make nearly every integer.
            PatternFormat format = scale.Terms == 1 ? scale.Format : PatternFormat.Uniform(scale.Format.Bits, scale.Format.Signed);
            for (int k = 0; k < scale.Values.Length; k++)
            {
                ReadOnlySpan<float> channel = weights.Slice(k * row, row);
                float best = scale.Values[k];
                double least = BatchProjection.SquaredError(channel, best, format);
                for (int i = -Reach; i <= Reach; i++)
                {
                    float candidate = (float)(scale.Values[k] * Math.Pow(Ratio, i));
                    double error = BatchProjection.SquaredError(channel, candidate, format);
                    if (error < least)
                        (best, least) = (candidate, error);
                }

                scale.Values[k] = best;
            }
        }
    }
}

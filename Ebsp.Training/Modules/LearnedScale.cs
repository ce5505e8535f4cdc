using Ebsp.Isa.Numerics;

namespace Ebsp.Training.Modules;

/// <summary>
/// The scales of a stored tensor or of a layer's weights, one or one a channel, and what the last backward pass found for them: learned
/// step sizes (LSQ, Esser et al. 2020), whose clip is the scale times the largest value of the format.
/// </summary>
internal sealed class LearnedScale
{
    /// <summary>Scales to start with.</summary>
    /// <param name="name">Names it in a checkpoint.</param>
    /// <param name="values">Real value of one unit: one, or one a channel; over 0.</param>
    /// <param name="format">The format.</param>
    /// <param name="terms">1, or 2.</param>
    public LearnedScale(string name, float[] values, PatternFormat format, int terms)
    {
        (Name, Values, Format, Terms) = (name, values, format, terms);
        Gradients = new float[values.Length];
        _start = [.. values];
    }

    // A scale that learning drives far from where it started would round its tensor to zeros, or clip all of it.
    private const float Reach = 4;

    private readonly float[] _start;

    /// <summary>Names it in a checkpoint.</summary>
    public string Name { get; }

    /// <summary>Real value of one unit: one, or one a channel.</summary>
    public float[] Values { get; }

    /// <summary>Of the loss by each scale, since the last step.</summary>
    public float[] Gradients { get; }

    /// <summary>The format.</summary>
    public PatternFormat Format { get; private set; }

    /// <summary>1, or 2.</summary>
    public int Terms { get; }

    /// <summary>Largest integer.</summary>
    public int Largest => Terms == 1 ? Format.MaxMagnitude : (1 << Format.MagnitudeBits) - 1;

    /// <summary>Whether it is of weights.</summary>
    public bool IsOfWeights { get; init; }

    /// <summary>Goes with a channel whose weights were multiplied.</summary>
    public void Resize(int channel, float factor)
    {
        Values[channel] *= factor;
        _start[channel] *= factor;
    }

    /// <summary>Takes another format; the clip, which is the scale times the largest integer, stays.</summary>
    /// <returns>The factor that the scales got.</returns>
    public float Take(PatternFormat format)
    {
        int before = Largest;
        Format = format;
        float factor = (float)before / Largest;
        for (int i = 0; i < Values.Length; i++)
            Resize(i, factor);
        return factor;
    }

    /// <summary>Keeps scales within a factor of where they started.</summary>
    public void Bound()
    {
        for (int i = 0; i < Values.Length; i++)
            Values[i] = Math.Clamp(Values[i], _start[i] / Reach, _start[i] * Reach);
    }
}

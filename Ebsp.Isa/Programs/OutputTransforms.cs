namespace Ebsp.Isa.Programs;

/// <summary>What the host does with the class scores of one pixel, in double, outside the bit-exact part.</summary>
public static class OutputTransforms
{
    /// <summary>The number of arg-max: 1 for the largest score (the first of equals), 0 for all others.</summary>
    public const int ArgMax = 3;

    /// <summary>The number of 1 / (1 + exp(-x)).</summary>
    public const int Sigmoid = 4;

    /// <summary>The number of exp(x).</summary>
    public const int Exp = 5;

    /// <summary>The number of division by the sum of magnitudes; zeros stay.</summary>
    public const int Normalize1 = 6;

    /// <summary>The number of division by the root of the sum of squares; zeros stay.</summary>
    public const int Normalize2 = 7;

    /// <summary>The names of all transforms, by number.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["none", "softmax", "log-softmax", "arg-max", "sigmoid", "exp", "normalize-1", "normalize-2"];

    /// <summary>Applies <see cref="ProgramOutput.Transform"/> in place.</summary>
    /// <param name="scores">Real scores of all channels.</param>
    /// <param name="transform">A number, 0..7; see <see cref="Names"/>.</param>
    public static void Apply(Span<double> scores, int transform)
    {
        if (transform == 0)
            return;
        switch (transform)
        {
            case ArgMax:
                MarkLargest(scores);
                return;
            case Sigmoid or Exp:
                for (int c = 0; c < scores.Length; c++)
                    scores[c] = transform == Exp ? Math.Exp(scores[c]) : 1 / (1 + Math.Exp(-scores[c]));
                return;
            case Normalize1 or Normalize2:
                Divide(scores, transform == Normalize2);
                return;
            default:
                break;
        }

        double max = double.NegativeInfinity, sum = 0;
        foreach (double score in scores)
            max = Math.Max(max, score);
        foreach (double score in scores)
            sum += Math.Exp(score - max);
        for (int c = 0; c < scores.Length; c++)
            scores[c] = transform == 2 ? scores[c] - max - Math.Log(sum) : Math.Exp(scores[c] - max) / sum;
    }

    /// <summary>Scores of an output: integer * scale in double, then the transform over the channels of each pixel.</summary>
    /// <param name="integers">The integers of all channels and pixels.</param>
    /// <param name="channelStep">Integers from channel to channel of a pixel.</param>
    /// <param name="pixelStep">Integers from pixel to pixel of a channel.</param>
    /// <param name="scale">Scale of all integers.</param>
    /// <param name="transform">As for <see cref="Apply"/>.</param>
    /// <param name="channel">Room for the scores of one pixel; its length is the number of channels.</param>
    /// <param name="scores">[C][H][W].</param>
    public static void WriteScores(ReadOnlySpan<int> integers, int channelStep, int pixelStep, double scale, int transform,
        Span<double> channel, Span<float> scores)
    {
        int plane = scores.Length / channel.Length;
        for (int pixel = 0; pixel < plane; pixel++)
        {
            for (int c = 0; c < channel.Length; c++)
                channel[c] = integers[c * channelStep + pixel * pixelStep] * scale;
            Apply(channel, transform);
            for (int c = 0; c < channel.Length; c++)
                scores[c * plane + pixel] = (float)channel[c];
        }
    }

    private static void Divide(Span<double> scores, bool bySquares)
    {
        double sum = 0;
        foreach (double score in scores)
            sum += bySquares ? score * score : Math.Abs(score);
        double norm = bySquares ? Math.Sqrt(sum) : sum;
        for (int c = 0; c < scores.Length && norm > 0; c++)
            scores[c] /= norm;
    }

    private static void MarkLargest(Span<double> scores)
    {
        int largest = 0;
        for (int c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[largest])
                largest = c;
        }

        scores.Clear();
        scores[largest] = 1;
    }
}

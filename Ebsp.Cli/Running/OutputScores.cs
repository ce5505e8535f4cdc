using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Running;

/// <summary>What the host does with the integers of the reference, in double.</summary>
internal static class OutputScores
{
    /// <summary>integer * scale, then softmax, log-softmax or arg-max over the channels.</summary>
    /// <param name="integers">[H][W][C].</param>
    /// <param name="type">Shape and scale.</param>
    /// <param name="transform">What follows.</param>
    /// <param name="scores">[C][H][W].</param>
    public static void Write(ReadOnlySpan<int> integers, TensorType type, OutputTransform transform, Span<float> scores)
    {
        int channels = type.Shape.Channels, plane = type.Shape.Height * type.Shape.Width;
        double[] values = new double[channels];
        for (int pixel = 0; pixel < plane; pixel++)
        {
            for (int c = 0; c < channels; c++)
                values[c] = integers[pixel * channels + c] * type.Scale;
            OutputTransforms.Apply(values, (int)transform);
            for (int c = 0; c < channels; c++)
                scores[c * plane + pixel] = (float)values[c];
        }
    }
}

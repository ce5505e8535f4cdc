using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Softmax, its logarithm or arg-max over a vector, in double, as the host does it with the scores of a machine.</summary>
internal sealed class SoftmaxKernel(OutputTransform transform) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch) =>
        Apply(inputs[0].AsSpan(0, output.Length), output, transform);

    /// <summary>Over all of a vector; the two spans may be one.</summary>
    public static void Apply(ReadOnlySpan<float> x, Span<float> y, OutputTransform transform)
    {
        double[] values = new double[y.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = x[i];
        OutputTransforms.Apply(values, (int)transform);
        for (int i = 0; i < values.Length; i++)
            y[i] = (float)values[i];
    }
}

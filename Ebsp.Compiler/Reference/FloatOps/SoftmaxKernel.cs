namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Softmax or its logarithm over a vector, in double.</summary>
internal sealed class SoftmaxKernel(bool isLog) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch) => Apply(inputs[0].AsSpan(0, output.Length), output, isLog);

    /// <summary>Over all of a vector; the two spans may be one.</summary>
    public static void Apply(ReadOnlySpan<float> x, Span<float> y, bool isLog)
    {
        double largest = double.NegativeInfinity;
        foreach (float value in x)
            largest = Math.Max(largest, value);
        double sum = 0;
        foreach (float value in x)
            sum += Math.Exp(value - largest);
        double log = Math.Log(sum);
        for (int i = 0; i < y.Length; i++)
            y[i] = (float)(isLog ? x[i] - largest - log : Math.Exp(x[i] - largest) / sum);
    }
}

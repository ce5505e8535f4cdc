namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Maps of one size put side by side along the channels.</summary>
internal sealed class ConcatKernel(int[] channels) : IFloatKernel
{
    private readonly int _sum = channels.Sum();

    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        int first = 0;
        for (int i = 0; i < inputs.Length; first += channels[i++])
        {
            ReadOnlySpan<float> input = inputs[i];
            for (int pixel = 0; pixel < output.Length / _sum; pixel++)
                input.Slice(pixel * channels[i], channels[i]).CopyTo(output[(pixel * _sum + first)..]);
        }
    }
}

using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Zeros around a map.</summary>
internal sealed class PadKernel(Pad pad, Shape input, Shape result) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        output.Clear();
        for (int y = 0; y < input.Height; y++)
        {
            for (int x = 0; x < input.Width; x++)
            {
                int pixel = (y + pad.Top) * result.Width + x + pad.Left;
                a.Slice((y * input.Width + x) * input.Channels, input.Channels)
                    .CopyTo(output[(pixel * result.Channels + pad.ChannelsBefore)..]);
            }
        }
    }
}

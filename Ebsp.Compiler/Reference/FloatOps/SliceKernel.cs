using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Channels, rows and columns of a map.</summary>
internal sealed class SliceKernel(Slice slice, Shape input) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        ReadOnlySpan<float> a = inputs[0];
        int at = 0;
        for (int y = 0; y < slice.Rows; y++)
        {
            for (int x = 0; x < slice.Columns; x++, at += slice.Channels)
            {
                int pixel = (slice.StartY + y * slice.StepY) * input.Width + slice.StartX + x * slice.StepX;
                a.Slice(pixel * input.Channels + slice.StartChannel, slice.Channels).CopyTo(output[at..]);
            }
        }
    }
}

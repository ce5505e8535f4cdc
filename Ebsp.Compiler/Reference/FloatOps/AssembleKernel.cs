using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Maps put into one pixel by pixel.</summary>
internal sealed class AssembleKernel(Assemble op, Shape[] parts) : IFloatKernel
{
    public int ScratchElements => 0;

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        int channels = parts[0].Channels;
        for (int i = 0; i < inputs.Length; i++)
        {
            ReadOnlySpan<float> map = inputs[i];
            PixelPlace at = op.Places[i];
            for (int y = 0; y < parts[i].Height; y++)
            {
                for (int x = 0; x < parts[i].Width; x++)
                    map.Slice((y * parts[i].Width + x) * channels, channels)
                        .CopyTo(output[((at.First + y * at.RowStep + x * at.ColumnStep) * channels)..]);
            }
        }
    }
}

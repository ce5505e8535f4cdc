using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Taps of a window that fall on the map.</summary>
internal static class KernelTaps
{
    /// <summary>A tap of one window: which of the kernel's, and the offset of its pixel in H, W, C order.</summary>
    public readonly record struct Tap(int Index, int Offset);

    /// <summary>For each output pixel the taps that fall on the map.</summary>
    public static Tap[][] Taps(KernelWindow window, Shape input, Shape output)
    {
        Tap[][] taps = new Tap[output.Height * output.Width][];
        for (int y = 0; y < output.Height; y++)
        {
            for (int x = 0; x < output.Width; x++)
                taps[y * output.Width + x] = [.. Valid(y, x)];
        }

        return taps;

        IEnumerable<Tap> Valid(int y, int x)
        {
            for (int r = 0; r < window.KernelRows; r++)
            {
                int row = y * window.StrideY - window.PadTop + r * window.DilationY;
                for (int s = 0; s < window.KernelColumns; s++)
                {
                    int column = x * window.StrideX - window.PadLeft + s * window.DilationX;
                    if (row >= 0 && row < input.Height && column >= 0 && column < input.Width)
                        yield return new Tap(r * window.KernelColumns + s, (row * input.Width + column) * input.Channels);
                }
            }
        }
    }

    /// <summary>For each output pixel the taps that fall on the map or its declared padding.</summary>
    public static int[] CountsWithPadding(KernelWindow window, Shape input, Shape output)
    {
        int[] rows = Axis(output.Height, window.StrideY, window.KernelRows, window.DilationY, input.Height + window.PadTop
            + window.PadBottom);
        int[] columns = Axis(output.Width, window.StrideX, window.KernelColumns, window.DilationX,
            input.Width + window.PadLeft + window.PadRight);
        return [.. rows.SelectMany(r => columns.Select(c => r * c))];

        static int[] Axis(int outputs, int stride, int kernel, int dilation, int padded) =>
            [.. Enumerable.Range(0, outputs).Select(o => Enumerable.Range(0, kernel).Count(tap => o * stride + tap * dilation < padded))];
    }
}

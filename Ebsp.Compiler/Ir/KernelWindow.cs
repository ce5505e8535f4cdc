namespace Ebsp.Compiler.Ir;

/// <summary>How a kernel window moves over a feature map; shared by convolutions and pools.</summary>
/// <param name="KernelRows">R.</param>
/// <param name="KernelColumns">S.</param>
/// <param name="StrideY">Rows between two windows.</param>
/// <param name="StrideX">Columns between two windows.</param>
/// <param name="PadTop">Rows of padding above.</param>
/// <param name="PadLeft">Columns of padding to the left.</param>
/// <param name="PadBottom">Rows of padding below.</param>
/// <param name="PadRight">Columns of padding to the right.</param>
/// <param name="DilationY">Rows between two taps.</param>
/// <param name="DilationX">Columns between two taps.</param>
public sealed record KernelWindow(
    int KernelRows, int KernelColumns,
    int StrideY = 1, int StrideX = 1,
    int PadTop = 0, int PadLeft = 0, int PadBottom = 0, int PadRight = 0,
    int DilationY = 1, int DilationX = 1)
{
    /// <summary>Positions of the kernel, R * S.</summary>
    public long Taps => (long)KernelRows * KernelColumns;

    /// <summary>Rows that a window spans.</summary>
    public int SpanRows => (KernelRows - 1) * DilationY + 1;

    /// <summary>Columns that a window spans.</summary>
    public int SpanColumns => (KernelColumns - 1) * DilationX + 1;

    /// <summary>Whether any side is padded.</summary>
    public bool IsPadded => (PadTop | PadLeft | PadBottom | PadRight) != 0;

    /// <summary>Output rows and columns for an input map; less than 1 where the window does not fit.</summary>
    /// <param name="height">Input rows H.</param>
    /// <param name="width">Input columns W.</param>
    /// <param name="ceilMode">Whether a last, partly empty window counts (ONNX ceil_mode).</param>
    public (int Height, int Width) Output(int height, int width, bool ceilMode = false)
    {
        return (Extent(height, PadTop, PadBottom, SpanRows, StrideY), Extent(width, PadLeft, PadRight, SpanColumns, StrideX));

        int Extent(int size, int before, int after, int span, int stride)
        {
            int room = size + before + after - span;
            if (room < 0)
                return 0;
            int extent = room / stride + 1;
            // ONNX: a window that would start in the padding behind the map is dropped.
            if (ceilMode && room % stride != 0 && extent * stride < size + before)
                extent++;
            return extent;
        }
    }
}

using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Tiling;

/// <summary>The rows or columns of a source that the windows of some outputs touch, and the padding in front of the first.</summary>
/// <param name="First">First source position that exists.</param>
/// <param name="Count">Positions that exist, at least 1.</param>
/// <param name="Pad">Positions of padding before the first.</param>
public readonly record struct SourceSpan(int First, int Count, int Pad)
{
    /// <summary>The rows that output rows first .. first+count-1 touch.</summary>
    public static SourceSpan Rows(KernelWindow geometry, int first, int count, int height) =>
        Along(first, count, geometry.StrideY, geometry.PadTop, geometry.SpanRows, height);

    /// <summary>The columns that output columns first .. first+count-1 touch.</summary>
    public static SourceSpan Columns(KernelWindow geometry, int first, int count, int width) =>
        Along(first, count, geometry.StrideX, geometry.PadLeft, geometry.SpanColumns, width);

    private static SourceSpan Along(int first, int count, int stride, int pad, int span, int size)
    {
        int start = first * stride - pad;
        int end = Math.Min((first + count - 1) * stride - pad + span, size);
        // A tile may lie in the padding altogether; it still names one position that exists, and as much padding in front as makes it miss
        // that.
        if (start >= size || end <= 0)
            return new SourceSpan(0, 1, (count - 1) * stride + span);
        int existing = Math.Max(start, 0);
        return new SourceSpan(existing, end - existing, existing - start);
    }
}

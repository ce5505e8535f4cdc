using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>Between planes (C, H, W order: files and people) and rows of pixels (H, W, C order: kernels).</summary>
internal static class Layout
{
    /// <summary>From C, H, W order to H, W, C order.</summary>
    public static void ToRows(ReadOnlySpan<float> planes, Span<float> rows, Shape shape) =>
        Transpose(planes, rows, shape.Channels, shape.Height * shape.Width);

    /// <summary>From H, W, C order to C, H, W order.</summary>
    public static void ToPlanes(ReadOnlySpan<float> rows, Span<float> planes, Shape shape) =>
        Transpose(rows, planes, shape.Height * shape.Width, shape.Channels);

    private static void Transpose(ReadOnlySpan<float> from, Span<float> to, int rows, int columns)
    {
        if (rows == 1 || columns == 1)
        {
            from[..(rows * columns)].CopyTo(to);
            return;
        }

        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> row = from.Slice(r * columns, columns);
            for (int c = 0, at = r; c < row.Length; c++, at += rows)
                to[at] = row[c];
        }
    }
}

using System.Collections.Immutable;

namespace Ebsp.Compiler.Ir;

/// <summary>Maximum over a window; padding never wins.</summary>
/// <param name="Geometry">Window, strides, pads.</param>
/// <param name="CeilMode">Whether a last, partly empty window counts.</param>
public sealed record MaxPool(KernelWindow Geometry, bool CeilMode) : Op;

/// <summary>Two or more maps of one height and width put side by side along the channels; integers share format and scale.</summary>
public sealed record Concat : Op;

/// <summary>Every StepY-th row and StepX-th column from (StartY, StartX), and a run of channels.</summary>
/// <param name="StartChannel">First channel.</param>
/// <param name="Channels">Channels taken.</param>
/// <param name="StartY">First row.</param>
/// <param name="StepY">Row step, at least 1.</param>
/// <param name="Rows">Rows taken.</param>
/// <param name="StartX">First column.</param>
/// <param name="StepX">Column step, at least 1.</param>
/// <param name="Columns">Columns taken.</param>
public sealed record Slice(int StartChannel, int Channels, int StartY, int StepY, int Rows, int StartX, int StepX, int Columns) : Op;

/// <summary>Zeros around a feature map.</summary>
/// <param name="ChannelsBefore">Channels of zeros in front.</param>
/// <param name="ChannelsAfter">Channels of zeros behind.</param>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns to the left.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns to the right.</param>
public sealed record Pad(int ChannelsBefore, int ChannelsAfter, int Top, int Left, int Bottom, int Right) : Op;

/// <summary>Where a part of an assembled map lies: its pixel (y, x) is pixel First + y * RowStep + x * ColumnStep of the map, counted row
/// by row.</summary>
/// <param name="First">Pixel of the part's first one.</param>
/// <param name="RowStep">Pixels from row to row of the part, at least 0.</param>
/// <param name="ColumnStep">Pixels from column to column of the part, at least 0.</param>
public readonly record struct PixelPlace(int First, int RowStep, int ColumnStep)
{
    /// <summary>Every pixel of a dense map of this width at its own place.</summary>
    public static PixelPlace Whole(int width) => new(0, width, 1);

    /// <summary>The place of a part's part, or null where it is none of this form.</summary>
    /// <param name="inner">Where it lies in the part.</param>
    /// <param name="own">Its rows and columns.</param>
    /// <param name="part">Rows and columns of the part.</param>
    public PixelPlace? Of(PixelPlace inner, Shape own, Shape part)
    {
        // Pixels of the part that follow each other evenly, through the ends of its rows too.
        if (part.Height == 1 || RowStep == (long)part.Width * ColumnStep)
            return new PixelPlace(First + inner.First * ColumnStep, inner.RowStep * ColumnStep, inner.ColumnStep * ColumnStep);
        int row = inner.First / part.Width, column = inner.First % part.Width;
        bool staysInRows = column + inner.ColumnStep * (own.Width - 1L) < part.Width
            && (own.Height == 1 || inner.RowStep % part.Width == 0);
        return staysInRows ? new PixelPlace(First + row * RowStep + column * ColumnStep, inner.RowStep / part.Width * RowStep,
            inner.ColumnStep * ColumnStep) : null;
    }
}

/// <summary>
/// Maps of as many channels put into one, pixel by pixel: side by side along rows or columns, interleaved, or row after row. Every pixel of
/// the result is one of one part. Integers share format and scale.
/// </summary>
/// <param name="Height">Rows of the result.</param>
/// <param name="Width">Columns of the result.</param>
/// <param name="Places">One for each input.</param>
public sealed record Assemble(int Height, int Width, ImmutableArray<PixelPlace> Places) : Op
{
    /// <summary>Most pixels of an assembled map.</summary>
    public const int MaxPixels = 1 << 24;
}

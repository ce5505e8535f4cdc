using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// A part of a stored tensor that an operand reads in place: slices by pitch, channel padding by an operand that is absent there.
/// </summary>
/// <param name="Tensor">The stored tensor.</param>
/// <param name="FirstChannel">First channel.</param>
/// <param name="Channels">Channels that exist.</param>
/// <param name="FirstRow">First row.</param>
/// <param name="RowStep">Rows of the tensor between two rows of the view.</param>
/// <param name="Rows">Rows.</param>
/// <param name="FirstColumn">First column.</param>
/// <param name="ColumnStep">Columns of the tensor between two columns of the view.</param>
/// <param name="Columns">Columns.</param>
/// <param name="ZeroChannelsBefore">Channels of zeros in front of the existing ones.</param>
/// <param name="ZeroChannelsAfter">Channels of zeros behind them.</param>
public sealed record View(
    string Tensor, int FirstChannel, int Channels,
    int FirstRow, int RowStep, int Rows, int FirstColumn, int ColumnStep, int Columns,
    int ZeroChannelsBefore = 0, int ZeroChannelsAfter = 0)
{
    /// <summary>The whole of a tensor.</summary>
    public static View Of(string tensor, Shape shape) => new(tensor, 0, shape.Channels, 0, 1, shape.Height, 0, 1, shape.Width);

    /// <summary>This view of one pixel as a map of a size: the same pixel everywhere.</summary>
    public View Repeated(int rows, int columns) => this with { RowStep = 0, Rows = rows, ColumnStep = 0, Columns = columns };

    /// <summary>Whether one pixel stands for all.</summary>
    public bool IsRepeated => RowStep == 0;

    /// <summary>A slice of this view; null where zero channels would be cut, which no operand can say.</summary>
    public View? Sliced(Slice slice) => ZeroChannelsBefore + ZeroChannelsAfter > 0
        && (slice.StartChannel != 0 || slice.Channels != AllChannels) ? null : this with
    {
        FirstChannel = FirstChannel + slice.StartChannel,
        Channels = ZeroChannelsBefore + ZeroChannelsAfter > 0 ? Channels : slice.Channels,
        FirstRow = FirstRow + slice.StartY * RowStep,
        RowStep = RowStep * slice.StepY,
        Rows = slice.Rows,
        FirstColumn = FirstColumn + slice.StartX * ColumnStep,
        ColumnStep = ColumnStep * slice.StepX,
        Columns = slice.Columns,
    };

    /// <summary>This view with channels of zeros around it; null where rows or columns are padded, which no operand can say.</summary>
    public View? Padded(Pad pad) => (pad.Top | pad.Left | pad.Bottom | pad.Right) != 0 ? null : this with
    {
        ZeroChannelsBefore = ZeroChannelsBefore + pad.ChannelsBefore,
        ZeroChannelsAfter = ZeroChannelsAfter + pad.ChannelsAfter,
    };

    /// <summary>Channels with the zeros.</summary>
    public int AllChannels => Channels + ZeroChannelsBefore + ZeroChannelsAfter;

    /// <summary>Whether channel groups of 8 line up with the tensor's, so that no copy is needed.</summary>
    public bool IsAligned => FirstChannel % 8 == 0 && ZeroChannelsBefore % 8 == 0;
}

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

namespace Ebsp.Emulator.Tracing;

/// <summary>What one span of a trace stands for, finest first.</summary>
public enum TraceDetail
{
    /// <summary>One busy interval or stall of an instruction.</summary>
    Instruction = 0,

    /// <summary>What a unit does for one tile, its stalls included.</summary>
    Tile = 1,

    /// <summary>What a unit does for one layer without a break, its stalls included.</summary>
    Layer = 2,
}

namespace Ebsp.Isa.Machine;

/// <summary>One number of an <see cref="ArchSpec"/>: its name in JSON, its range, and whether it changes programs.</summary>
/// <param name="Name">Name in JSON.</param>
/// <param name="Structural">True if a program made for another value is refused.</param>
/// <param name="Minimum">Smallest value.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="Multiple">The value is a multiple of this.</param>
/// <param name="Unit">Unit, for people.</param>
/// <param name="Get">Reads it.</param>
/// <param name="Set">A copy with another value.</param>
public sealed record ArchField(
    string Name, bool Structural, long Minimum, long Maximum, long Multiple, string Unit, Func<ArchSpec, long> Get,
        Func<ArchSpec, long, ArchSpec> Set)
{
    /// <summary>Every number, in the order of the JSON form.</summary>
    public static IReadOnlyList<ArchField> All { get; } =
    [
        new("rows", true, 1, 4096, 1, "PEs", a => a.Rows, (a, v) => a with { Rows = (int)v }),
        new("columns", true, 8, 4096, 1, "PEs", a => a.Columns, (a, v) => a with { Columns = (int)v }),
        new("patternLength", true, 1, 4, 1, "bits", a => a.PatternLength, (a, v) => a with { PatternLength = (int)v }),
        new("bufferBytes", true, 4096, 1 << 30, 64, "bytes", a => a.BufferBytes, (a, v) => a with { BufferBytes = (int)v }),
        new("psumBytes", true, 4096, 64 << 20, 128, "bytes", a => a.PsumBytes, (a, v) => a with { PsumBytes = (int)v }),
        new("queueDepth", true, 1, 1024, 1, "instructions", a => a.QueueDepth, (a, v) => a with { QueueDepth = (int)v }),
        new("depthwiseMapping", true, 0, 2, 1, "0 block-diagonal, 1 one channel, 2 unrolled", a => (long)a.DepthwiseMapping, (a, v) =>
            a with { DepthwiseMapping = (DepthwiseMapping)v }),
        new("clockHz", false, 1_000_000, 10_000_000_000, 1, "Hz", a => a.ClockHz, (a, v) => a with { ClockHz = v }),
        new("dramBytesPerSecond", false, 1_000_000, 100_000_000_000_000, 1, "bytes/s", a => a.DramBytesPerSecond, (a, v) =>
            a with { DramBytesPerSecond = v }),
        new("dramLatencyCycles", false, 0, 100_000, 1, "cycles", a => a.DramLatencyCycles, (a, v) => a with { DramLatencyCycles = (int)v }),
        new("dramBurstBytes", false, 1, 4096, 1, "bytes, a power of two", a => a.DramBurstBytes, (a, v) =>
            a with { DramBurstBytes = (int)v }),
        new("loadPortBytesPerCycle", false, 1, 65_536, 1, "bytes/cycle", a => a.LoadPortBytesPerCycle, (a, v) =>
            a with { LoadPortBytesPerCycle = (int)v }),
        new("storePortBytesPerCycle", false, 1, 65_536, 1, "bytes/cycle", a => a.StorePortBytesPerCycle, (a, v) =>
            a with { StorePortBytesPerCycle = (int)v }),
        new("fetchCycles", false, 1, 1000, 1, "cycles", a => a.FetchCycles, (a, v) => a with { FetchCycles = (int)v }),
        new("hostCyclesPerElement", false, 1, 10_000, 1, "cycles", a => a.HostCyclesPerElement, (a, v) =>
            a with { HostCyclesPerElement = (int)v }),
        new("nodeNm", false, 1, 1000, 1, "nm", a => a.NodeNm, (a, v) => a with { NodeNm = (int)v }),
        new("areaBits", false, 1, 8, 1, "bits", a => a.AreaBits, (a, v) => a with { AreaBits = (int)v }),
    ];

    /// <summary>Whether a value is legal; null, or the rule that it breaks.</summary>
    public string? Violation(long value)
    {
        if (value < Minimum || value > Maximum)
            return $"must lie in {Minimum}..{Maximum} {Unit}";
        if (value % Multiple != 0)
            return $"must be a multiple of {Multiple} {Unit}";
        return Name == "dramBurstBytes" && (value & (value - 1)) != 0 ? "must be a power of two" : null;
    }
}

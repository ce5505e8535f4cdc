namespace Ebsp.Isa.Machine;

/// <summary>
/// One machine: every size that compiler, emulator, cost models and RTL read. Structural fields change the program, so a program
/// made for others is refused; timing fields may be overridden when a program is run.
/// </summary>
public sealed record ArchSpec
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    /// <summary>Structural: rows of the PE array, 1..4096; the reduction runs along them.</summary>
    public required int Rows { get; init; }

    /// <summary>Structural: columns of the PE array, 8..4096; one output channel each. Also the lanes of the vector and pool
    /// units.</summary>
    public required int Columns { get; init; }

    /// <summary>Structural: pattern length k of the processing elements, 1..4.</summary>
    public required int PatternLength { get; init; }

    /// <summary>Structural: buffer size in bytes, a multiple of 64, 4 KiB..1 GiB. Source of the default: SPARK (HPCA 2024), 5 MB for all
    /// designs.</summary>
    public required int BufferBytes { get; init; }

    /// <summary>Structural: size of the memory of partial sums in bytes, both banks together, a multiple of 128, 4 KiB..64 MiB.</summary>
    public required int PsumBytes { get; init; }

    /// <summary>Structural: instructions that the queue of a unit holds, 1..1024.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>Structural: what array instructions may lay onto the array.</summary>
    public required DepthwiseMapping DepthwiseMapping { get; init; }

    /// <summary>Timing: clock in Hz, 1 MHz..10 GHz.</summary>
    public required long ClockHz { get; init; }

    /// <summary>Timing: DRAM bandwidth in bytes per second, 1 MB/s..100 TB/s.</summary>
    public required long DramBytesPerSecond { get; init; }

    /// <summary>Timing: cycles from a DRAM request to its first byte, 0..100,000.</summary>
    public required int DramLatencyCycles { get; init; }

    /// <summary>Timing: bytes of a DRAM burst, a power of two, 1..4096; every contiguous run is rounded up to whole bursts.</summary>
    public required int DramBurstBytes { get; init; }

    /// <summary>Timing: bytes a cycle that the load unit writes into the buffer, 1..65,536.</summary>
    public required int LoadPortBytesPerCycle { get; init; }

    /// <summary>Timing: bytes a cycle that the store unit reads from the buffer, 1..65,536.</summary>
    public required int StorePortBytesPerCycle { get; init; }

    /// <summary>Timing: cycles to fetch one instruction word, 1..1000.</summary>
    public required int FetchCycles { get; init; }

    /// <summary>Timing: cycles that the host takes for one element of a host step, 1..10,000.</summary>
    public required int HostCyclesPerElement { get; init; }

    /// <summary>Timing: technology node in nm, 1..1000; for cost tables.</summary>
    public required int NodeNm { get; init; }

    /// <summary>Timing: operand bits B of the product that is priced, 1..8; a label, since every PE accepts B &lt;= 8.</summary>
    public required int AreaBits { get; init; }

    /// <summary>Number of processing elements.</summary>
    public int ProcessingElements => Rows * Columns;

    /// <summary>Output channels of a fold: the columns, in whole groups of 8, so that the next fold starts at a channel group.</summary>
    public int FoldChannels => Columns / 8 * 8;

    /// <summary>Bytes of one bank of partial sums.</summary>
    public int PsumBankBytes => PsumBytes / 2;

    /// <summary>Cycles that the DRAM channel needs for bytes (whole bursts already counted): ceil(bytes * Hz / bytes per second).</summary>
    public long DramCycles(long bytes) => (long)(((Int128)bytes * ClockHz + DramBytesPerSecond - 1) / DramBytesPerSecond);

    /// <summary>Bytes that a contiguous run moves on the DRAM channel: whole bursts of the addresses it touches.</summary>
    public long BurstBytes(long address, long bytes)
    {
        long burst = DramBurstBytes;
        return ((address + bytes + burst - 1) / burst - address / burst) * burst;
    }
}

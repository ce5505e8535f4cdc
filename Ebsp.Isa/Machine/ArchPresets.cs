namespace Ebsp.Isa.Machine;

/// <summary>Machines that are named on the command line.</summary>
public static class ArchPresets
{
    /// <summary>The published array, 66 x 73 = 4818 PEs in 0.32 mm2 (products only), 6-bit(3), 45 nm, 500 MHz, 5 MiB, 25.6 GB/s.</summary>
    public static ArchSpec Default { get; } = new()
    {
        Name = "default",
        Rows = 66,
        Columns = 73,
        PatternLength = 3,
        BufferBytes = 5_242_880,
        PsumBytes = 262_144,
        QueueDepth = 16, // Assumed: deep enough that fetch never stalls a double-buffered tile loop.
        DepthwiseMapping = DepthwiseMapping.Unrolled,
        ClockHz = 500_000_000,
        DramBytesPerSecond = 25_600_000_000,
        DramLatencyCycles = 50,
        DramBurstBytes = 64,
        LoadPortBytesPerCycle = 64, // Assumed: one 512-bit port a direction, a little above the DRAM's 51.2 bytes a cycle.
        StorePortBytesPerCycle = 64,
        FetchCycles = 1, // Assumed: instruction words come through a port of their own.
        HostCyclesPerElement = 8,
        NodeNm = 45,
        AreaBits = 6,
    };

    /// <summary>All presets. The equal-area ones have 0.32 mm2 of products, from the synthesized areas of 6-bit(4) and 8-bit(4)
    /// PEs.</summary>
    public static IReadOnlyList<ArchSpec> All { get; } =
    [
        Default,
        Default with { Name = "area-6-4", Rows = 47, Columns = 64, PatternLength = 4 },
        Default with { Name = "area-8-4", Rows = 51, Columns = 51, PatternLength = 4, AreaBits = 8 },
        Default with { Name = "default-4", PatternLength = 4 },
        Default with { Name = "small-16", Rows = 16, Columns = 16, BufferBytes = 131_072, PsumBytes = 32_768,
            DramBytesPerSecond = 3_200_000_000 },
        Default with { Name = "small-8", Rows = 8, Columns = 8, BufferBytes = 65_536, PsumBytes = 16_384,
            DramBytesPerSecond = 1_600_000_000 },
    ];

    /// <summary>The preset of a name, or null.</summary>
    public static ArchSpec? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);
}

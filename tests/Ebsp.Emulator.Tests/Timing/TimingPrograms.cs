using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests.Timing;

/// <summary>Programs that have instructions and tables alone, as timing needs.</summary>
internal static class TimingPrograms
{
    /// <summary>The machine of docs/timing.md: small-8 with 16 bytes a cycle and 10 cycles of latency.</summary>
    public static ArchSpec Machine { get; } =
        ArchPresets.Find("small-8")! with { QueueDepth = 16, DramBytesPerSecond = 8_000_000_000, DramLatencyCycles = 10 };

    /// <summary>At 0 a block of 32 bytes (one m), at 64 one of 120 bytes (8 channels, m and d each), from 256 on a table.</summary>
    public static byte[] Tables { get; } = MakeTables();

    public static EbspProgram Make(ArchSpec arch, params Instruction[] code) => new()
    {
        Arch = arch,
        Io = new ProgramIo(1, new ProgramInput("x", 1, 1, 1, 1, PatternFormat.Window(6, 3, false), 1, [.. new short[256]], false),
            new ProgramOutput("y", 1, 1, 1, 1, 0), []),
        Code = [.. code],
        Weights = default,
        Tables = Tables,
        Regions = new RegionSizes(0, 0, 0),
        Layers = LayerMap.Empty(code.Length),
        Provenance = new Provenance(new string('0', 64), "", "test"),
    };

    public static EbspProgram Assemble(string text, ArchSpec? arch = null) => Make(arch ?? Machine, Assembler.Assemble(text));

    /// <summary>Holds the rule of every report: busy + stalls = total for each unit.</summary>
    public static void AssertEveryCycleHasAName(TimingReport report)
    {
        foreach (UnitTime time in report.Units)
            Assert.AreEqual(report.Cycles, time.Busy + time.Stalls, time.Unit.ToString());
    }

    private static byte[] MakeTables()
    {
        byte[] tables = new byte[512];
        new VectorConstants(8, 0, 1, 0, [1], false, [], null).Encode().CopyTo(tables, 0);
        new VectorConstants(8, 0, 1, 0, [1, 2, 3, 4, 5, 6, 7, 8], true, new long[8], null).Encode().CopyTo(tables, 64);
        return tables;
    }
}

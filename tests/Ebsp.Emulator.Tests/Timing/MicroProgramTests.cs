using System.Globalization;
using System.Text;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.TestKit;

namespace Ebsp.Emulator.Tests.Timing;

/// <summary>Programs whose cycles were worked out by hand; the derivations stand in docs/timing.md.</summary>
[TestClass]
public sealed class MicroProgramTests
{
    public static IEnumerable<object[]> Names =>
        Directory.GetFiles(Path.Combine(Golden.RepositoryRoot, "tests/Ebsp.Emulator.Tests/Timing/Micro"), "*.s")
            .Order(StringComparer.Ordinal)
            .Select(file => new object[] { Path.GetFileName(file) });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Run_MicroProgram_TakesTheCyclesWorkedOutByHand(string name)
    {
        string text = Read(name);
        ArchSpec arch = TimingPrograms.Machine;
        foreach (string setting in Notes(text, "arch"))
        {
            string[] pair = setting.Split('=');
            ArchField field = ArchField.All.Single(f => f.Name == pair[0]);
            arch = field.Set(arch, long.Parse(pair[1], CultureInfo.InvariantCulture));
        }

        TimelineSink sink = new();
        TimingReport report = TimingModel.Run(TimingPrograms.Assemble(text, arch), sink: sink);

        StringBuilder actual = new();
        actual.Append(CultureInfo.InvariantCulture, $"; total {report.Cycles}\n");
        if (report.Deadlock is { } deadlock)
            actual.Append(CultureInfo.InvariantCulture, $"; deadlock i{deadlock.Instruction} counter{deadlock.Counter}\n");
        foreach (Unit unit in Enum.GetValues<Unit>())
        {
            // A unit that is not named has no instruction.
            if (Notes(text, TimelineSink.Name(unit)).Length > 0)
                actual.Append(CultureInfo.InvariantCulture, $"; {TimelineSink.Name(unit),-6} {sink[unit]}\n");
            else
                Assert.AreEqual($"0 end {report.Cycles}", sink[unit], unit.ToString());
        }

        Assert.AreEqual(text[text.IndexOf("; total", StringComparison.Ordinal)..], actual.ToString());
        TimingPrograms.AssertEveryCycleHasAName(report);
    }

    [TestMethod]
    public void Names_AllStalls_AreCovered()
    {
        string all = string.Concat(Names.Select(name => Read((string)name[0])));
        Assert.HasCount(24, Names.ToList());
        foreach (string stall in new[] { " fetch ", " counter1 ", " queue:array ", " dram ", " end " })
            Assert.Contains(stall, all);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Documentation_MicroProgram_ShowsTheSameText(string name)
    {
        string document = File.ReadAllText(Path.Combine(Golden.RepositoryRoot, "docs/timing.md")).ReplaceLineEndings("\n");
        Assert.IsTrue(document.Contains($"### {name[..^2]}\n\n```\n{Read(name)}```\n", StringComparison.Ordinal),
            $"docs/timing.md does not show {name}");
    }

    // A tile of 55 cycles and six NOPs behind it: fetch waits from d + 2 to 56 for the place of NOP d + 1, then one a cycle goes through.
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Run_QueueDepth_StallsFetchUntilThePlaceIsFree(int depth)
    {
        string text = "conv rows=2 columns=4 kernelrows=3 kernelcolumns=3 srcchannels=4 channels=8\n"
            + string.Concat(Enumerable.Repeat("nop unit=array\n", 6)) + "end\n";
        TimingReport report = TimingModel.Run(TimingPrograms.Assemble(text, TimingPrograms.Machine with { QueueDepth = depth }));
        Assert.AreEqual(62, report.Cycles);
        Assert.AreEqual(54 - depth, report[Unit.Fetch].Queue);
        Assert.AreEqual(61, report[Unit.Array].Busy);
    }

    private static string Read(string name) =>
        File.ReadAllText(Path.Combine(Golden.RepositoryRoot, "tests/Ebsp.Emulator.Tests/Timing/Micro", name)).ReplaceLineEndings("\n");

    private static string[] Notes(string text, string name) =>
        [.. text.Split('\n').Where(line => line.StartsWith($"; {name} ", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2))];
}

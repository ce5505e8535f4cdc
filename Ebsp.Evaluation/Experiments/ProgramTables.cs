using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Emulator.Timing;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Machines;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Tables of one compiled program.</summary>
internal static class ProgramTables
{
    /// <summary>The few figures that a user asks for first.</summary>
    public static ExperimentTable Summary(ProgramRun run, CostSet costs)
    {
        ArchSpec arch = run.Program.Arch;
        TimingReport timing = run.Timing;
        int batch = run.Program.Io.Batch;
        double seconds = (double)timing.Cycles / arch.ClockHz;
        EnergyBreakdown energy = run.Result.Energy(costs);
        DramBytes dram = timing.Actions.DramTotal;
        return new ExperimentTable("summary", "Summary",
            [
                new("quantity", "", "what the value is of"), new("value", "", "the number", "0.###"), new("unit", "", "unit of the value"),
                new("meaning", "", "formula, or what the value hangs on"),
            ],
            [
                Row("cycles", timing.Cycles, "cycles", "of a run, which is one batch"), Row("batch", batch, "images", "of a run"),
                Row("time", seconds * 1e3, "ms", "cycles / clock"), Row("throughput", batch / seconds, "images/s", "batch / time"),
                Row("clock", arch.ClockHz / 1e6, "MHz", "of the program's machine"),
                Row("elements", arch.ProcessingElements, "PEs",
                    string.Create(CultureInfo.InvariantCulture, $"{arch.Rows} rows x {arch.Columns} columns")),
                Row("MACs", timing.Actions.Macs / 1e6, "M", "of a run, taps on padding included, 10^6"),
                Row("utilization", 100 * timing.Utilization, "%", "MACs / (elements * cycles)"),
                Row("DRAM read", dram.BurstRead / 1e6, "MB", "in whole bursts, 10^6"),
                Row("DRAM written", dram.BurstWritten / 1e6, "MB", "in whole bursts, 10^6"),
                Row("energy", energy.Total / 1e9, "mJ", "DRAM, buffer, core and static, of a run"),
                Row("power", energy.Total / 1e12 / seconds, "W", "energy / time"),
                Row("instructions", run.Program.Code.Length, "", "of the program"),
            ],
            []);
    }

    /// <summary>What each unit does with its time.</summary>
    public static ExperimentTable Units(ProgramRun run) => new("units", "Units: busy and stalled",
        [
            new("unit", "", "unit of the machine"), new("busy", "%", "busy cycles / cycles"), new("busy cycles", "cycles",
                "cycles in which it works", "0"),
            .. Enum.GetValues<StallKind>().Select(kind => new Column("stall " + kind.ToString().ToLowerInvariant(), "cycles",
                Meaning(kind), "0")),
        ],
        [.. run.Timing.Units.Select(unit => (ImmutableArray<object?>)
            [
                unit.Unit.ToString().ToLowerInvariant(), run.Timing.Cycles == 0 ? null : 100.0 * unit.Busy / run.Timing.Cycles,
                    (double)unit.Busy,
                .. Enum.GetValues<StallKind>().Select(kind => (object?)(double)unit.Of(kind)),
            ])],
        ["Busy and stalled cycles of a unit add up to the cycles of the run."]);

    private static ImmutableArray<object?> Row(string quantity, double value, string unit, string meaning) => [quantity, value, unit,
        meaning];

    private static string Meaning(StallKind kind) => kind switch
    {
        StallKind.Fetch => "its next instruction has not been handed over yet",
        StallKind.Counter => "its next instruction waits for another unit",
        StallKind.Queue => "fetch alone: the queue that the instruction goes to is full",
        StallKind.Dram => "its transfer is ready, but the DRAM channel serves another unit",
        _ => "the program has no further instruction for it",
    };
}

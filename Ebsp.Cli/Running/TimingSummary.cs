using System.Text.Json.Nodes;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Running;

/// <summary>Cycles, traffic and stalls of all runs; one run takes the same time whatever the images are.</summary>
internal static class TimingSummary
{
    private static readonly Region[] DramRegions = [Region.Weights, Region.Tables, Region.Input, Region.Output, Region.Arena];
    private static readonly StallKind[] Kinds = Enum.GetValues<StallKind>();

    /// <summary>Prints the summary.</summary>
    /// <param name="call">Where to.</param>
    /// <param name="report">One run.</param>
    /// <param name="arch">The machine.</param>
    /// <param name="runs">Number of runs.</param>
    /// <param name="images">Number of images.</param>
    public static void Print(Call call, TimingReport report, ArchSpec arch, long runs, long images)
    {
        long cycles = report.Cycles * runs;
        double anImage = (double)cycles / images;
        call.Print($"cycles         {Quantity.Count(cycles)}, {Quantity.Significant(anImage)} an image ({Quantity.Count(runs, "run")} " +
            $"of {Quantity.Count(report.Cycles, "cycle")})");
        call.Print($"machine time   {Quantity.Seconds(cycles / (double)arch.ClockHz)} at {Quantity.Hertz(arch.ClockHz)}, " +
            $"{Quantity.Seconds(anImage / arch.ClockHz)} an image");
        call.Print($"utilization    {Quantity.Percent(report.Utilization)} of {Quantity.Count(arch.ProcessingElements)} PEs, " +
            $"{Quantity.Count(report.Actions.Macs * runs)} MACs");
        JsonObject timing = new()
        {
            ["runs"] = runs,
            ["cycles"] = cycles,
            ["cyclesOfRun"] = report.Cycles,
            ["cyclesPerImage"] = anImage,
            ["clockHz"] = arch.ClockHz,
            ["seconds"] = cycles / (double)arch.ClockHz,
            ["utilization"] = report.Utilization,
            ["macs"] = report.Actions.Macs * runs,
        };
        call.Result["timing"] = timing;
        PrintTraffic(call, report, runs, timing);
        PrintUnits(call, report, runs, timing);
        LayerTable.Print(call, report, arch, timing);
    }

    private static void PrintTraffic(Call call, TimingReport report, long runs, JsonObject timing)
    {
        JsonObject traffic = [];
        foreach (Region region in DramRegions)
        {
            DramBytes bytes = report.Actions.Dram[(int)region];
            string name = region.ToString().ToLowerInvariant();
            traffic[name] = new JsonObject
            {
                ["readBytes"] = bytes.Read * runs,
                ["burstReadBytes"] = bytes.BurstRead * runs,
                ["writtenBytes"] = bytes.Written * runs,
                ["burstWrittenBytes"] = bytes.BurstWritten * runs,
            };
        }

        timing["dram"] = traffic;
        call.Print();
        call.Print(Text.Table(
        [
            ["DRAM bytes", "read", "in bursts", "written", "in bursts"],
            .. DramRegions.Select(region => Row(region.ToString().ToLowerInvariant(), report.Actions.Dram[(int)region], runs)),
            Row("total", report.Actions.DramTotal, runs),
        ]));
    }

    private static string[] Row(string name, DramBytes bytes, long runs) =>
    [
        name, Quantity.Count(bytes.Read * runs), Quantity.Count(bytes.BurstRead * runs),
        Quantity.Count(bytes.Written * runs), Quantity.Count(bytes.BurstWritten * runs),
    ];

    private static void PrintUnits(Call call, TimingReport report, long runs, JsonObject timing)
    {
        timing["units"] = new JsonArray([.. report.Units.Select(unit =>
        {
            JsonObject stalls = [];
            foreach (StallKind kind in Kinds)
                stalls[kind.ToString().ToLowerInvariant()] = unit.Of(kind) * runs;
            return new JsonObject { ["unit"] = unit.Unit.ToString().ToLowerInvariant(), ["busy"] = unit.Busy * runs, ["stalls"] = stalls };
        })]);
        call.Print();
        call.Print(Text.Table(
        [
            ["cycles of unit", "busy", .. Kinds.Select(kind => "stall " + kind.ToString().ToLowerInvariant()), "total"],
            .. report.Units.Select(unit => (string[])
            [
                unit.Unit.ToString().ToLowerInvariant(), Quantity.Count(unit.Busy * runs),
                .. Kinds.Select(kind => Quantity.Count(unit.Of(kind) * runs)), Quantity.Count((unit.Busy + unit.Stalls) * runs),
            ]),
        ]));
    }
}

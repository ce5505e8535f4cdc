using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;
using Ebsp.Emulator.Timing;

namespace Ebsp.Cli.Printing;

/// <summary>Cycles, traffic, stalls and layers of some runs.</summary>
internal static class TimingPrinting
{
    private static readonly string[] Kinds = [.. Enum.GetNames<StallKind>().Select(name => name.ToLowerInvariant())];

    public static IEnumerable<string> Text(RunTime time) =>
    [
        $"cycles         {Quantity.Count(time.Cycles)}, {Quantity.Significant(time.CyclesPerImage)} an image " +
            $"({Quantity.Count(time.Runs, "run")} of {Quantity.Count(time.OneRun.Cycles, "cycle")})",
        $"machine time   {Quantity.Seconds(time.Seconds)} at {Quantity.Hertz(time.Arch.ClockHz)}, " +
            $"{Quantity.Seconds(time.CyclesPerImage / time.Arch.ClockHz)} an image",
        $"utilization    {Quantity.Percent(time.Utilization)} of {Quantity.Count(time.Arch.ProcessingElements)} PEs, " +
            $"{Quantity.Count(time.Macs)} MACs",
        "",
        .. Tool.Text.Table(
        [
            ["DRAM bytes", "read", "in bursts", "written", "in bursts"],
            .. time.Traffic.Select(row => Row(row.Region.ToString().ToLowerInvariant(), row.Bytes)),
            Row("total", time.TotalTraffic),
        ]),
        "",
        .. Tool.Text.Table(
        [
            ["cycles of unit", "busy", .. Kinds.Select(kind => "stall " + kind), "total"],
            .. time.Units.Select(unit => (string[])
            [
                unit.Unit.ToString().ToLowerInvariant(), Quantity.Count(unit.Busy), .. unit.Stalls.Select(cycles => Quantity.Count(cycles)),
                Quantity.Count(unit.Total),
            ]),
        ]),
        "",
        .. LayerPrinting.Text(time.OneRun, time.Arch),
    ];

    public static JsonObject Json(RunTime time) => new()
    {
        ["runs"] = time.Runs,
        ["cycles"] = time.Cycles,
        ["cyclesOfRun"] = time.OneRun.Cycles,
        ["cyclesPerImage"] = time.CyclesPerImage,
        ["clockHz"] = time.Arch.ClockHz,
        ["seconds"] = time.Seconds,
        ["utilization"] = time.Utilization,
        ["macs"] = time.Macs,
        ["dram"] = new JsonObject(time.Traffic.Select(row => KeyValuePair.Create(row.Region.ToString().ToLowerInvariant(),
            (JsonNode?)Json(row.Bytes)))),
        ["units"] = new JsonArray([.. time.Units.Select(unit => new JsonObject
        {
            ["unit"] = unit.Unit.ToString().ToLowerInvariant(),
            ["busy"] = unit.Busy,
            ["stalls"] = new JsonObject(Kinds.Zip(unit.Stalls, (kind, cycles) => KeyValuePair.Create(kind, (JsonNode?)cycles))),
        })]),
        ["layers"] = LayerPrinting.Json(time.OneRun, time.Arch),
    };

    private static JsonObject Json(DramBytes bytes) => new()
    {
        ["readBytes"] = bytes.Read,
        ["burstReadBytes"] = bytes.BurstRead,
        ["writtenBytes"] = bytes.Written,
        ["burstWrittenBytes"] = bytes.BurstWritten,
    };

    private static string[] Row(string name, DramBytes bytes) =>
    [
        name, Quantity.Count(bytes.Read), Quantity.Count(bytes.BurstRead),
        Quantity.Count(bytes.Written), Quantity.Count(bytes.BurstWritten),
    ];
}

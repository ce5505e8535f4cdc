using System.Collections.Immutable;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Compiler.Reports;

/// <summary>The time of some runs of a program; one run takes the same time whatever the images are.</summary>
/// <param name="OneRun">The time of one run.</param>
/// <param name="Arch">The machine.</param>
/// <param name="Runs">Runs.</param>
/// <param name="Images">Images of all runs.</param>
public sealed record RunTime(TimingReport OneRun, ArchSpec Arch, long Runs, long Images)
{
    private static readonly Region[] DramRegions = [Region.Weights, Region.Tables, Region.Input, Region.Output, Region.Arena];

    /// <summary>Cycles of all runs.</summary>
    public long Cycles => OneRun.Cycles * Runs;

    /// <summary>Cycles of an image.</summary>
    public double CyclesPerImage => (double)Cycles / Images;

    /// <summary>Seconds of all runs at the machine's clock.</summary>
    public double Seconds => Cycles / (double)Arch.ClockHz;

    /// <summary>Multiply-accumulates of all runs, taps on padding included.</summary>
    public long Macs => OneRun.Actions.Macs * Runs;

    /// <summary>MACs / (PEs * cycles), 0..1.</summary>
    public double Utilization => OneRun.Utilization;

    /// <summary>DRAM traffic of all runs, a row a region.</summary>
    public ImmutableArray<RegionTraffic> Traffic =>
        [.. DramRegions.Select(region => RegionTraffic.Of(region, OneRun.Actions.Dram[(int)region], Runs))];

    /// <summary>DRAM traffic of all runs over all regions.</summary>
    public DramBytes TotalTraffic => RegionTraffic.Times(OneRun.Actions.DramTotal, Runs);

    /// <summary>Busy and waiting cycles of all runs, a row a unit: they add up to <see cref="Cycles"/> for each.</summary>
    public ImmutableArray<UnitCycles> Units => [.. OneRun.Units.Select(unit => new UnitCycles(unit.Unit, unit.Busy * Runs,
        [.. Enum.GetValues<StallKind>().Select(kind => unit.Of(kind) * Runs)]))];
}

/// <summary>DRAM traffic of a region.</summary>
/// <param name="Region">The region.</param>
/// <param name="Bytes">Payload, and the same in whole bursts.</param>
public readonly record struct RegionTraffic(Region Region, DramBytes Bytes)
{
    internal static RegionTraffic Of(Region region, DramBytes bytes, long runs) => new(region, Times(bytes, runs));

    internal static DramBytes Times(DramBytes bytes, long runs) =>
        new(bytes.Read * runs, bytes.BurstRead * runs, bytes.Written * runs, bytes.BurstWritten * runs);
}

/// <summary>Where the cycles of a unit went.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Busy">Cycles in which it worked.</param>
/// <param name="Stalls">Cycles in which it waited, by <see cref="StallKind"/>.</param>
public readonly record struct UnitCycles(Unit Unit, long Busy, ImmutableArray<long> Stalls)
{
    /// <summary>Busy and waiting cycles.</summary>
    public long Total => Busy + Stalls.Sum();
}

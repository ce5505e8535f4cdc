using System.Collections.Immutable;

namespace Ebsp.Evaluation.Costs;

/// <summary>What a processing element is taken to be: the paper's 0.32 mm2 count products alone.</summary>
public enum CostColumn
{
    /// <summary>The product alone, no accumulator, no register: what the paper's areas are.</summary>
    Paper,

    /// <summary>With accumulator, and storage where the design has it.</summary>
    Physical,
}

/// <summary>Transistors of SRAM (CACTI's names).</summary>
public enum DeviceType
{
    /// <summary>itrs-hp: fast, leaks much.</summary>
    Hp,

    /// <summary>itrs-lop: low operating power, leaks a twentieth.</summary>
    Lop,
}

/// <summary>
/// Constants of one comparison: a named set of core energies, the DRAM, the device type of SRAM, what a processing element is taken to be,
/// and
/// factors of a sensitivity run. All at 45 nm.
/// </summary>
public sealed record CostSet
{
    /// <summary>Names of the sets.</summary>
    public static IReadOnlyList<string> Names { get; } = ["raw45", "horowitz45", "bitfusion45"];

    /// <summary>Rows of <see cref="DramName"/>.</summary>
    public static IReadOnlyList<string> Drams { get; } = ["lpddr4", "bitfusion", "horowitz"];

    /// <summary>Core energies: <c>raw45</c>, <c>horowitz45</c> or <c>bitfusion45</c>.</summary>
    public string Name { get; init; } = "raw45";

    /// <summary>DRAM: <c>lpddr4</c>, <c>bitfusion</c> or <c>horowitz</c>.</summary>
    public string DramName { get; init; } = "lpddr4";

    /// <summary>Device type of SRAM.</summary>
    public DeviceType Device { get; init; } = DeviceType.Hp;

    /// <summary>What a processing element is taken to be.</summary>
    public CostColumn Column { get; init; } = CostColumn.Paper;

    /// <summary>Factors of a sensitivity run by <see cref="ActionCost.Key"/>; 1 where none is given.</summary>
    public ImmutableDictionary<string, double> Factors { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Factor of a constant.</summary>
    public double Factor(string key) => Factors.GetValueOrDefault(key, 1);

    /// <summary>Energy of an action of the core, pJ; leakage rows: mW.</summary>
    /// <exception cref="KeyNotFoundException">The tables have no such row.</exception>
    public double Energy(string action) => CostTables.Energy(Name, action).Value(Column) * Factor(action);

    /// <summary>Area of a processing element, um2.</summary>
    /// <exception cref="KeyNotFoundException">The tables have no such row.</exception>
    public double AreaUm2(string design) => CostTables.Area(design).Value(Column);

    /// <summary>DRAM, pJ a bit.</summary>
    public double Dram => CostTables.Energy("all", "dram." + DramName).Value(Column) * Factor("dram");

    /// <summary>One access of an SRAM, pJ: the nearest larger size of the CACTI table, made monotone in size.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="wordBits">Bits of a word.</param>
    /// <param name="isWrite">Write or read.</param>
    public double Sram(long bytes, int wordBits, bool isWrite)
    {
        SramPoint point = SramTable.Find(Device, bytes, wordBits);
        return (isWrite ? point.WritePj : point.ReadPj) * Factor("sram");
    }

    /// <summary>Leakage of an SRAM in mW, gate leakage included.</summary>
    /// <param name="bytes">Its size.</param>
    public double SramLeakageMilliwatts(long bytes) => SramTable.Leakage(Device, bytes) * Factor("leakage.sram");
}

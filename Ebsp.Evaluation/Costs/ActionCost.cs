using System.Globalization;

namespace Ebsp.Evaluation.Costs;

/// <summary>What one action costs, by name: the number comes from a <see cref="CostSet"/>.</summary>
public abstract record ActionCost
{
    /// <summary>Name of the constant that a sensitivity run varies.</summary>
    public abstract string Key { get; }

    /// <summary>Energy of one action in pJ.</summary>
    public abstract double Picojoules(CostSet costs);

    /// <summary>A row of the energy table, such as <c>mac.int8</c>; one action is one of the row's unit.</summary>
    public static ActionCost Row(string action) => new RowCost(action);

    /// <summary>A byte read from an SRAM of a size through words of a width.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="wordBits">Bits of a word: 16, 32, 64, 128 or 256.</param>
    public static ActionCost ReadByte(long bytes, int wordBits) => new SramCost(bytes, wordBits, false);

    /// <summary>A byte written to an SRAM.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="wordBits">Bits of a word: 16, 32, 64, 128 or 256.</param>
    public static ActionCost WriteByte(long bytes, int wordBits) => new SramCost(bytes, wordBits, true);

    /// <summary>A byte from or to DRAM.</summary>
    public static ActionCost DramByte { get; } = new DramCost();

    /// <summary>Leakage of an SRAM over a nanosecond.</summary>
    /// <param name="bytes">Its size.</param>
    public static ActionCost SramLeakage(long bytes) => new SramLeakageCost(bytes);

    /// <summary>Leakage of processing elements over a nanosecond.</summary>
    /// <param name="areaRow">Row of the area table.</param>
    /// <param name="elements">How many.</param>
    public static ActionCost CoreLeakage(string areaRow, int elements) => new CoreLeakageCost(areaRow, elements);

    /// <summary>A cost of a user's own machine.</summary>
    /// <param name="picojoules">pJ of one action, not negative.</param>
    /// <param name="source">Where it comes from.</param>
    public static ActionCost Fixed(double picojoules, string source) => new FixedCost(picojoules, source);

    private sealed record RowCost(string Action) : ActionCost
    {
        public override string Key => Action;

        public override double Picojoules(CostSet costs) => costs.Energy(Action);
    }

    private sealed record SramCost(long Bytes, int WordBits, bool IsWrite) : ActionCost
    {
        public override string Key => "sram";

        public override double Picojoules(CostSet costs) => costs.Sram(Bytes, WordBits, IsWrite) / (WordBits / 8.0);

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"sram {Bytes} B, {WordBits} b, {(IsWrite ? "write" : "read")}, a byte");
    }

    private sealed record DramCost : ActionCost
    {
        public override string Key => "dram";

        public override double Picojoules(CostSet costs) => 8 * costs.Dram;
    }

    private sealed record SramLeakageCost(long Bytes) : ActionCost
    {
        public override string Key => "leakage.sram";

        // 1 mW for 1 ns is 1 pJ.
        public override double Picojoules(CostSet costs) => costs.SramLeakageMilliwatts(Bytes);
    }

    private sealed record CoreLeakageCost(string AreaRow, int Elements) : ActionCost
    {
        public override string Key => "leakage.core";

        public override double Picojoules(CostSet costs) => costs.Energy("leakage.core") * Elements * costs.AreaUm2(AreaRow) * 1e-6;
    }

    private sealed record FixedCost(double Value, string Source) : ActionCost
    {
        public override string Key => "own";

        public override double Picojoules(CostSet costs) => Value * costs.Factor(Key);
    }
}

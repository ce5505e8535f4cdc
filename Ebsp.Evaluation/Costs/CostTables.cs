using System.Collections.Frozen;

namespace Ebsp.Evaluation.Costs;

/// <summary>A constant: what it is of, what it is worth, where it comes from.</summary>
/// <param name="Set">Cost set, or <c>all</c>.</param>
/// <param name="Name">Action or design.</param>
/// <param name="Unit">Unit of the values.</param>
/// <param name="Paper">Of the product alone.</param>
/// <param name="Physical">With accumulator and storage.</param>
/// <param name="NodeNm">Technology node in nm.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Confidence">H: measured or read in the source; M: second hand or scaled; L: assumed.</param>
internal sealed record CostRow(string Set, string Name, string Unit, double Paper, double Physical, int NodeNm, string Source,
    string Confidence)
{
    public double Value(CostColumn column) => column == CostColumn.Paper ? Paper : Physical;
}

/// <summary>The energy and area reference tables (Costs/Tables).</summary>
internal static class CostTables
{
    /// <summary>Energies: pJ an action.</summary>
    public static IReadOnlyList<CostRow> Energies { get; } = Read("energy.csv");

    /// <summary>Areas of processing elements: um2.</summary>
    public static IReadOnlyList<CostRow> Areas { get; } = Read("area.csv");

    private static readonly FrozenDictionary<(string Set, string Name), CostRow> EnergyByName =
        Energies.ToFrozenDictionary(row => (row.Set, row.Name));
    private static readonly FrozenDictionary<string, CostRow> AreaByName = Areas.ToFrozenDictionary(row => row.Name);

    /// <summary>A row of a set, or of all sets.</summary>
    public static CostRow Energy(string set, string action) =>
        EnergyByName.TryGetValue((set, action), out CostRow? row) || EnergyByName.TryGetValue(("all", action), out row)
            ? row : throw new KeyNotFoundException($"no energy '{action}' in set '{set}'");

    /// <summary>The area of a design.</summary>
    public static CostRow Area(string design) =>
        AreaByName.TryGetValue(design, out CostRow? row) ? row : throw new KeyNotFoundException($"no area '{design}'");

    private static CostRow[] Read(string file) => [.. Csv.Rows(file).Select(row => new CostRow(
        row[0], row[1], row[2], Csv.Number(row[3]), Csv.Number(row[4]), (int)Csv.Number(row[5]), row[6], row[7]))];
}

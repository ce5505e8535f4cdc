using System.Collections.Frozen;

namespace Ebsp.Evaluation.Costs;

/// <summary>One SRAM of the CACTI table.</summary>
/// <param name="Bytes">Size.</param>
/// <param name="ReadPj">pJ a word read.</param>
/// <param name="WritePj">pJ a word written.</param>
/// <param name="LeakageMw">Leakage in mW, gate leakage included.</param>
/// <param name="AreaMm2">Area in mm2.</param>
internal sealed record SramPoint(long Bytes, double ReadPj, double WritePj, double LeakageMw, double AreaMm2);

/// <summary>
/// SRAM at 45 nm from CACTI 7. Its optimizer jumps between organizations, so each curve is made monotone in size (running maximum) and a
/// size
/// takes the nearest larger point; beyond the largest point energy grows with the root of the size, leakage and area with the size.
/// </summary>
internal static class SramTable
{
    private static readonly FrozenDictionary<(DeviceType Device, int WordBits), SramPoint[]> Curves = Read();

    /// <summary>Widths of words.</summary>
    public static IReadOnlyList<int> WordBits { get; } = [.. Curves.Keys.Select(key => key.WordBits).Distinct().Order()];

    /// <summary>The points of a curve, by size.</summary>
    public static IReadOnlyList<SramPoint> Curve(DeviceType device, int wordBits) => Curves[(device, wordBits)];

    /// <summary>The nearest larger point.</summary>
    /// <exception cref="KeyNotFoundException">No curve has words of that width.</exception>
    public static SramPoint Find(DeviceType device, long bytes, int wordBits)
    {
        SramPoint[] curve = Curves.TryGetValue((device, wordBits), out SramPoint[]? points)
            ? points : throw new KeyNotFoundException($"no SRAM with words of {wordBits} bits");
        if (Array.Find(curve, point => point.Bytes >= bytes) is { } found)
            return found;
        SramPoint last = curve[^1];
        double times = (double)bytes / last.Bytes, root = Math.Sqrt(times);
        return new SramPoint(bytes, last.ReadPj * root, last.WritePj * root, last.LeakageMw * times, last.AreaMm2 * times);
    }

    /// <summary>Leakage in mW: it belongs to the cells, so the curve of 64-bit words stands for all.</summary>
    public static double Leakage(DeviceType device, long bytes) => bytes == 0 ? 0 : Find(device, bytes, 64).LeakageMw;

    private static FrozenDictionary<(DeviceType, int), SramPoint[]> Read()
    {
        Dictionary<(DeviceType, int), List<SramPoint>> curves = [];
        foreach (string[] row in Csv.Rows("sram.csv"))
        {
            (DeviceType, int) key = (row[0] == "itrs-hp" ? DeviceType.Hp : DeviceType.Lop, (int)Csv.Number(row[2]));
            if (!curves.TryGetValue(key, out List<SramPoint>? curve))
                curves[key] = curve = [];
            SramPoint last = curve.Count == 0 ? new SramPoint(0, 0, 0, 0, 0) : curve[^1];
            curve.Add(new SramPoint((long)Csv.Number(row[1]), Math.Max(last.ReadPj, Csv.Number(row[3])),
                Math.Max(last.WritePj, Csv.Number(row[4])),
                Math.Max(last.LeakageMw, Csv.Number(row[5])), Math.Max(last.AreaMm2, Csv.Number(row[6]))));
        }

        return curves.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray());
    }
}

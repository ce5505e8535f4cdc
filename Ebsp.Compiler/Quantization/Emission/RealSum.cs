using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>What a layer's output is requantized from, in real units: A * Units[c] + B * UnitB + Offsets[c].</summary>
/// <param name="A">Accumulator or stored tensor.</param>
/// <param name="Read">Format of what the layer reads.</param>
/// <param name="Units">Real output for one of A: by channel, or by count of valid elements.</param>
/// <param name="Reach">Largest |A|: by channel, or one.</param>
/// <param name="ByValidCount">Whether the windows of a pool differ.</param>
public sealed record RealSum(string A, PatternFormat Read, ImmutableArray<double> Units, ImmutableArray<double> Reach, bool ByValidCount)
{
    /// <summary>A stored tensor that is added, or null.</summary>
    public string? B { get; init; }

    /// <summary>Real output for one of B.</summary>
    public double UnitB { get; init; }

    /// <summary>Largest |B|.</summary>
    public double ReachB { get; init; }

    /// <summary>[C].</summary>
    public ImmutableArray<double> Offsets { get; init; } = [];

    /// <summary>What no sum exceeds.</summary>
    public double Bound
    {
        get
        {
            double largest = 0;
            for (int c = 0; c < Units.Length; c++)
                largest = Math.Max(largest, Math.Abs(Units[c]) * Reach[Reach.Length == 1 ? 0 : c]);
            return largest + (Math.Abs(UnitB) * ReachB + Offsets.Max(Math.Abs));
        }
    }

    /// <summary>The requantization of the sum onto a scale; null if no shift fits.</summary>
    /// <param name="scale">Real value of one unit of the output.</param>
    /// <param name="lo">Lower bound.</param>
    /// <param name="hi">Upper bound.</param>
    /// <param name="format">Output format.</param>
    internal Requantize? Onto(double scale, int lo, int hi, PatternFormat format) =>
        RequantizeFit.Fit([.. Units.Select(unit => unit / scale)], [.. Reach], UnitB / scale, ReachB,
            [.. Offsets.Select(offset => offset / scale)], ByValidCount, lo, hi, format);
}

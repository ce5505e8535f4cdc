using System.Collections.Concurrent;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Nearest magnitude of a set to a real number, ties to the larger, by table over floor(2x).</summary>
internal sealed class NearestTable
{
    private static readonly ConcurrentDictionary<(PatternFormat Format, int Terms), NearestTable> Tables = new();

    private readonly int[]? _byHalves;

    private NearestTable(PatternFormat format, int terms)
    {
        Largest = format.MaxMagnitude;
        if (format.Bits > PatternFormat.MaxOperandBits)
            return;
        int[] magnitudes = terms == 1 ? [.. format.Magnitudes()] : [.. Sums(format)];
        Largest = magnitudes[^1];
        _byHalves = new int[2 * Largest + 1];
        for (int halves = 0, at = 0; halves < _byHalves.Length; halves++)
        {
            // A tie between neighbors is at half their sum, which floor(2x) reaches when x does.
            while (at + 1 < magnitudes.Length && halves >= magnitudes[at] + magnitudes[at + 1])
                at++;
            _byHalves[halves] = magnitudes[at];
        }
    }

    /// <summary>Largest magnitude of the set.</summary>
    public int Largest { get; }

    /// <summary>The table of a format, or of the sums of two of its values.</summary>
    public static NearestTable Of(PatternFormat format, int terms = 1) =>
        Tables.GetOrAdd((format, format.IsPattern ? terms : 1), key => new NearestTable(key.Format, key.Terms));

    /// <summary>The nearest magnitude to x, at least 0.</summary>
    public int Magnitude(double x) =>
        x >= Largest ? Largest : _byHalves is null ? (int)(x + 0.5) : _byHalves[(int)(2 * x)];

    /// <summary>The nearest value of a set with sign.</summary>
    public int Value(double x) => x < 0 ? -Magnitude(-x) : Magnitude(x);

    // The magnitudes that their own two terms make up.
    private static IEnumerable<int> Sums(PatternFormat format) => Enumerable.Range(0, 1 << format.MagnitudeBits)
        .Where(value => Projection.FirstTerm(value, format) + Projection.SecondTerm(value, format) == value);
}

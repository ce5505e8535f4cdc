using System.Collections.Concurrent;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Nearest magnitude of a set to a real number, ties to the larger, by table over floor(2x).</summary>
internal sealed class NearestTable
{
    private static readonly ConcurrentDictionary<PatternFormat, NearestTable> _tables = new();

    private readonly int[]? _byHalves;
    private readonly int _largest;

    private NearestTable(PatternFormat format)
    {
        _largest = format.MaxMagnitude;
        if (format.Bits > PatternFormat.MaxOperandBits)
            return;
        int[] magnitudes = [.. format.Magnitudes()];
        _byHalves = new int[2 * _largest + 1];
        for (int halves = 0, at = 0; halves < _byHalves.Length; halves++)
        {
            // A tie between neighbours is at half their sum, which floor(2x) reaches when x does.
            while (at + 1 < magnitudes.Length && halves >= magnitudes[at] + magnitudes[at + 1])
                at++;
            _byHalves[halves] = magnitudes[at];
        }
    }

    public static NearestTable Of(PatternFormat format) => _tables.GetOrAdd(format, key => new NearestTable(key));

    /// <summary>The nearest magnitude to x, at least 0.</summary>
    public int Magnitude(double x) =>
        x >= _largest ? _largest : _byHalves is null ? (int)(x + 0.5) : _byHalves[(int)(2 * x)];

    /// <summary>The nearest value of a set with sign.</summary>
    public int Value(double x) => x < 0 ? -Magnitude(-x) : Magnitude(x);
}

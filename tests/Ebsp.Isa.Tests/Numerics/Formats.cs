using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

/// <summary>Every format there is, and sets built from their definition rather than from the product's code.</summary>
internal static class Formats
{
    public static IReadOnlyList<PatternFormat> Patterns { get; } =
    [
        .. from kind in new[] { FormatKind.Window, FormatKind.SingleRun }
           from bits in Enumerable.Range(1, 8)
           from patternLength in Enumerable.Range(1, 4)
           from signed in new[] { false, true }
           where patternLength <= bits - (signed ? 1 : 0)
           select PatternFormat.Create(bits, patternLength, signed, kind),
    ];

    public static IReadOnlyList<PatternFormat> Windows { get; } = [.. Patterns.Where(f => f.Kind == FormatKind.Window)];

    /// <summary>The patterns and the plain formats of at most 8 bits.</summary>
    public static IReadOnlyList<PatternFormat> Narrow { get; } =
    [
        .. Patterns,
        .. from bits in Enumerable.Range(1, 8)
           from signed in new[] { false, true }
           where bits > 1 || !signed
           select PatternFormat.Uniform(bits, signed),
    ];

    /// <summary>The magnitudes of a format, ascending: m * 2^s (one run: m = 2^l - 1) below 2^M.</summary>
    public static int[] Magnitudes(PatternFormat format)
    {
        int limit = 1 << (format.Bits - (format.Signed ? 1 : 0));
        if (format.Kind == FormatKind.Uniform)
            return [.. Enumerable.Range(0, limit)];
        IEnumerable<int> significands = format.Kind == FormatKind.Window
            ? Enumerable.Range(0, 1 << format.PatternLength)
            : Enumerable.Range(0, format.PatternLength + 1).Select(length => (1 << length) - 1);
        return [.. significands.SelectMany(m => Enumerable.Range(0, 8).Select(s => m << s)).Where(v => v < limit).Distinct().Order()];
    }

    public static int[] Values(PatternFormat format) =>
        [.. Magnitudes(format).SelectMany(m => format.Signed ? new[] { m, -m } : [m]).Distinct().Order()];

    /// <summary>The nearest magnitude by search, ties to the larger.</summary>
    public static int Nearest(int[] magnitudes, long magnitude) => magnitudes.MinBy(m => (Math.Abs(m - magnitude), -m));
}

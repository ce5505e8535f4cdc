namespace Ebsp.Isa.Numerics;

/// <summary>
/// The table of a processing element: the product of two significands of k bits. It is fixed by k and part of the instruction
/// set, not a loadable memory (a loadable one would cost 48 times the PE's area).
/// </summary>
public sealed class ProductTable
{
    private readonly int[] _entries;

    private ProductTable(int patternLength, int[] entries)
    {
        PatternLength = patternLength;
        _entries = entries;
    }

    /// <summary>Pattern length k of the hardware, 1..4; the table has 2^k * 2^k entries.</summary>
    public int PatternLength { get; }

    /// <summary>Entry [ma][mw].</summary>
    /// <param name="ma">Significand of the activation, 0..2^k-1.</param>
    /// <param name="mw">Significand of the weight, 0..2^k-1.</param>
    public int this[int ma, int mw] => _entries[(ma << PatternLength) | mw];

    /// <summary>The table of the instruction set for one pattern length.</summary>
    /// <param name="patternLength">k, 1..4.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is outside 1..4.</exception>
    public static ProductTable For(int patternLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patternLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(patternLength, PatternFormat.MaxPatternLength);
        int size = 1 << patternLength;
        int[] entries = new int[size * size];
        for (int ma = 0; ma < size; ma++)
        {
            for (int mw = 0; mw < size; mw++)
                entries[(ma << patternLength) | mw] = ma * mw;
        }

        return new ProductTable(patternLength, entries);
    }

    /// <summary>A copy with one wrong entry: a fault injected to show that a comparison sees it.</summary>
    internal ProductTable WithFault(int ma, int mw, int entry)
    {
        int[] entries = (int[])_entries.Clone();
        entries[(ma << PatternLength) | mw] = entry;
        return new ProductTable(PatternLength, entries);
    }

    /// <summary>The product of a processing element: sign * (Table[ma][mw] &lt;&lt; (sa + sw)).</summary>
    /// <remarks>Equal to a * w for every pair of operands on the pattern; tested for all of them.</remarks>
    public int Multiply(PatternCode a, PatternCode w)
    {
        int magnitude = this[a.Significand, w.Significand] << (a.Shift + w.Shift);
        return a.Negative != w.Negative ? -magnitude : magnitude;
    }
}

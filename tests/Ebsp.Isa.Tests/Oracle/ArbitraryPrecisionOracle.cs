using System.Numerics;

namespace Ebsp.Isa.Tests.Oracle;

/// <summary>
/// The chapter Numbers of docs/isa.md, by its definitions and in arbitrary precision. It must not use anything of Ebsp.Isa: a format is
/// its four numbers (B, k, signed, kind 0 window, 1 single run, 2 plain).
/// </summary>
internal static class ArbitraryPrecisionOracle
{
    private static readonly Dictionary<(int, int, bool, int), BigInteger[]> Sets = [];

    /// <summary>The set S of magnitudes, ascending; for formats of at most 8 bits.</summary>
    public static BigInteger[] Magnitudes(int bits, int k, bool signed, int kind)
    {
        lock (Sets)
        {
            if (!Sets.TryGetValue((bits, k, signed, kind), out BigInteger[]? set))
                Sets.Add((bits, k, signed, kind), set = [.. Members(bits, k, signed, kind).Distinct().Order()]);
            return set;
        }
    }

    /// <summary>P(v).</summary>
    public static BigInteger Project(BigInteger v, int bits, int k, bool signed, int kind) =>
        WithSignOf(v, signed, Nearest(BigInteger.Abs(v), bits, k, signed, kind));

    /// <summary>t1(v).</summary>
    public static BigInteger FirstTerm(BigInteger v, int bits, int k, bool signed, int kind) =>
        WithSignOf(v, signed, LargestUpTo(BigInteger.Abs(v), bits, k, signed, kind));

    /// <summary>t2(v).</summary>
    public static BigInteger SecondTerm(BigInteger v, int bits, int k, bool signed, int kind)
    {
        BigInteger rest = BigInteger.Abs(v) - LargestUpTo(BigInteger.Abs(v), bits, k, signed, kind);
        return WithSignOf(v, signed, Nearest(rest, bits, k, signed, kind));
    }

    /// <summary>r = wrap64(a * m + b * mb + d + 2^(n-1)) >> n.</summary>
    public static BigInteger Requantize(BigInteger a, BigInteger m, BigInteger b, BigInteger mb, BigInteger d, int n) =>
        FloorDivide(Wrap(a * m + b * mb + d + BigInteger.Pow(2, n - 1), 64), BigInteger.Pow(2, n));

    /// <summary>r = (a * b * m + 2^(n-1)) >> n.</summary>
    public static BigInteger Product(BigInteger a, BigInteger b, BigInteger m, int n) =>
        FloorDivide(a * b * m + BigInteger.Pow(2, n - 1), BigInteger.Pow(2, n));

    /// <summary>Sum of the squares around channel c.</summary>
    public static BigInteger SumOfSquares(BigInteger[] values, int c, int size)
    {
        BigInteger sum = BigInteger.Zero;
        for (int j = 0; j < values.Length; j++)
        {
            if (j >= c - (int)Math.Floor((size - 1) / 2.0) && j <= c + (int)Math.Floor(size / 2.0))
                sum += values[j] * values[j];
        }

        return sum;
    }

    /// <summary>The place of a sum of squares: i and s.</summary>
    public static (int Entry, int Octave) Place(BigInteger sum)
    {
        int leading = 0;
        while (BigInteger.Pow(2, leading + 1) <= sum)
            leading++;
        int octave = Math.Max(leading - 5, 0);
        return ((int)(32 * octave + FloorDivide(sum, BigInteger.Pow(2, octave))), octave);
    }

    /// <summary>r of a local response.</summary>
    public static BigInteger Respond(BigInteger v, BigInteger sum, int[] table, int n)
    {
        (int i, int s) = Place(sum);
        BigInteger octave = BigInteger.Pow(2, s);
        BigInteger rest = sum - FloorDivide(sum, octave) * octave;
        BigInteger m = table[i] + FloorDivide((new BigInteger(table[i + 1]) - table[i]) * rest, octave);
        return FloorDivide(v * m + BigInteger.Pow(2, n - 1), BigInteger.Pow(2, n));
    }

    /// <summary>r' within lo..hi.</summary>
    public static BigInteger Clamp(BigInteger r, BigInteger lo, BigInteger hi) => r < lo ? lo : r > hi ? hi : r;

    private static IEnumerable<BigInteger> Members(int bits, int k, bool signed, int kind)
    {
        BigInteger limit = Limit(bits, signed);
        if (kind == 2)
        {
            for (BigInteger v = 0; v < limit; v++)
                yield return v;
            yield break;
        }

        yield return BigInteger.Zero;
        for (BigInteger m = 1; m < BigInteger.Pow(2, k); m++)
        {
            // For single runs m is 2^l - 1: the m with one more is a power of two.
            if (kind == 1 && !(m + 1).IsPowerOfTwo)
                continue;
            for (BigInteger v = m; v < limit; v *= 2)
                yield return v;
        }
    }

    private static BigInteger Nearest(BigInteger magnitude, int bits, int k, bool signed, int kind)
    {
        // The wide plain sets are intervals, too long to search.
        if (bits > 8)
            return BigInteger.Min(magnitude, Limit(bits, signed) - 1);
        BigInteger best = BigInteger.Zero;
        foreach (BigInteger q in Magnitudes(bits, k, signed, kind))
        {
            // Ascending: a later q at the same distance is the larger.
            if (BigInteger.Abs(q - magnitude) <= BigInteger.Abs(best - magnitude))
                best = q;
        }

        return best;
    }

    private static BigInteger LargestUpTo(BigInteger magnitude, int bits, int k, bool signed, int kind)
    {
        if (bits > 8)
            return BigInteger.Min(magnitude, Limit(bits, signed) - 1);
        BigInteger best = BigInteger.Zero;
        foreach (BigInteger q in Magnitudes(bits, k, signed, kind))
        {
            if (q <= magnitude)
                best = q;
        }

        return best;
    }

    private static BigInteger Limit(int bits, bool signed) => BigInteger.Pow(2, signed ? bits - 1 : bits);

    private static BigInteger WithSignOf(BigInteger v, bool signed, BigInteger magnitude) =>
        v.Sign >= 0 ? magnitude : signed ? -magnitude : BigInteger.Zero;

    private static BigInteger Wrap(BigInteger x, int bits)
    {
        BigInteger span = BigInteger.Pow(2, bits);
        BigInteger rest = x - FloorDivide(x, span) * span;
        return rest >= span / 2 ? rest - span : rest;
    }

    // The quotient of BigInteger truncates towards zero.
    private static BigInteger FloorDivide(BigInteger x, BigInteger y)
    {
        BigInteger quotient = BigInteger.DivRem(x, y, out BigInteger rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }
}

using System.Numerics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Oracle;

/// <summary>Ebsp.Isa/Numerics against the oracle.</summary>
[TestClass]
public sealed class OracleTests
{
    private const int RandomCases = 1_000_000;

    private static readonly int[] Shifts = [1, 2, 15, 31, 32, 33, 61, 62];
    private static readonly int[] Int32 =
        [int.MinValue, int.MinValue + 1, -32768, -3, -1, 0, 1, 2, 32767, int.MaxValue - 1, int.MaxValue];
    private static readonly int[] Multipliers = [-int.MaxValue, -(1 << 30), -1, 0, 1, 3, 1 << 30, int.MaxValue];
    private static readonly int[] Int16 = [-32767, -1, 0, 1, 32767];
    private static readonly long[] Int64 = [long.MinValue, -(1L << 61) - 1, -(1L << 31), -1, 0, 1, 1L << 31, 1L << 61, long.MaxValue];
    private static readonly PatternFormat[] Formats = [.. AllFormats()];

    [TestMethod]
    public void Magnitudes_EveryFormatOfEightBits_EqualTheSetOfTheOracle()
    {
        foreach (PatternFormat format in Formats.Where(format => format.Bits <= 8))
        {
            BigInteger[] set = ArbitraryPrecisionOracle.Magnitudes(format.Bits, format.PatternLength, format.Signed, (int)format.Kind);
            CollectionAssert.AreEqual(set.Select(v => (int)v).ToArray(), format.Magnitudes().ToArray(), format.ToString());
            Assert.AreEqual(set.Length, format.MagnitudeCount, format.ToString());
        }
    }

    [TestMethod]
    public void Requantize_ExtremesOfEveryOperand_EqualTheOracle()
    {
        foreach (int n in Shifts)
        foreach (int a in Int32)
        foreach (int m in Multipliers)
        foreach (int b in Int16)
        foreach (int mb in Multipliers)
        foreach (long d in Int64)
            CheckRequantize(a, m, b, mb, d, n, -127, 127);
    }

    [TestMethod]
    public void Requantize_TiesAndTheirNeighbors_RoundUpAsTheOracle()
    {
        for (int n = 1; n <= Requantization.MaxShift; n++)
        {
            // d = (2q + 1) * 2^(n-1) lies half way between q and q + 1; at n = 1 its neighbors are integers themselves.
            for (int q = -3; q <= 2; q++)
            {
                if (n > 59 && q is not (-1 or 0))
                    continue;
                long tie = (2L * q + 1) << (n - 1);
                Assert.AreEqual(q + 1, CheckRequantize(0, 0, 0, 0, tie, n, -127, 127));
                Assert.AreEqual(q, CheckRequantize(0, 0, 0, 0, tie - 1, n, -127, 127));
                Assert.AreEqual(q + 1, CheckRequantize(0, 0, 0, 0, tie + 1, n, -127, 127));
            }
        }

        Assert.AreEqual(-1, Requantization.Requantize(-3, 1, 0, 0, 0, 1)); // -1.5
        Assert.AreEqual(2, Requantization.Requantize(3, 1, 0, 0, 0, 1));
    }

    [TestMethod]
    public void Product_ExtremesOfEveryOperand_EqualTheOracle()
    {
        foreach (int n in Enumerable.Range(1, Requantization.MaxShift))
        foreach (int a in Int16)
        foreach (int b in Int16)
        foreach (int m in Multipliers.Where(m => m >= 0))
            Assert.AreEqual((long)ArbitraryPrecisionOracle.Product(a, b, m, n), Requantization.Product(a, b, m, n),
                $"a={a} b={b} m={m} n={n}");
    }

    [TestMethod]
    public void ProjectAndTerms_EveryValueNearEveryFormat_EqualTheOracle()
    {
        foreach (PatternFormat format in Formats.Where(format => format.Bits <= 8))
        {
            int beyond = 2 << format.MagnitudeBits;
            for (int v = -beyond; v <= beyond; v++)
                CheckResult(v, format);
            CheckResult(int.MaxValue / 2, format);
        }
    }

    [TestMethod]
    public void Result_RandomOperandsAndFormats_EqualsTheOracle()
    {
        const int Parts = 8;
        Parallel.For(0, Parts, part =>
        {
            Random random = new(20_220_710 + part);
            for (int i = 0; i < RandomCases / Parts; i++)
                CheckRandom(random);
        });
    }

    [TestMethod]
    public void LocalResponse_RandomPixelsAndTables_EqualsTheOracle()
    {
        Random random = new(5);
        PatternFormat[] sources = [.. Formats.Where(format => format.Bits <= 16)];
        for (int i = 0; i < 5_000; i++)
        {
            PatternFormat source = sources[i % sources.Length], result = Formats[random.Next(Formats.Length)];
            int size = i % 50 == 0 ? LocalResponse.MaxSize : random.Next(1, 12), n = random.Next(1, Requantization.MaxShift + 1);
            BigInteger largest = size * BigInteger.Pow(source.MaxMagnitude, 2);
            int[] table = new int[LocalResponse.Entries((long)largest)];
            Assert.HasCount(ArbitraryPrecisionOracle.Place(largest).Entry + 2, table);
            for (int t = 0; t < table.Length; t++)
                table[t] = random.Next(3) switch { 0 => 0, 1 => int.MaxValue, _ => random.Next() };
            int[] values = new int[random.Next(1, 300)];
            for (int c = 0; c < values.Length; c++)
            {
                int v = Signed(random, source.MagnitudeBits);
                values[c] = random.Next(4) == 0 ? source.MaxMagnitude : Projection.Project(source.Signed ? v : Math.Abs(v), source);
            }

            int limit = (int)((1L << result.MagnitudeBits) - 1);
            int[] responses = new int[values.Length];
            LocalResponse.Normalize(values, responses, size, table, n, result.Signed ? -limit : 0, limit, result);
            BigInteger[] exact = [.. values.Select(v => (BigInteger)v)];
            for (int c = 0; c < values.Length; c += random.Next(1, 8))
            {
                BigInteger r = ArbitraryPrecisionOracle.Clamp(
                    ArbitraryPrecisionOracle.Respond(values[c], ArbitraryPrecisionOracle.SumOfSquares(exact, c, size), table, n),
                        result.Signed ? -limit : 0, limit);
                BigInteger expected =
                    ArbitraryPrecisionOracle.Project(r, result.Bits, result.PatternLength, result.Signed, (int)result.Kind);
                if (expected != responses[c])
                    Assert.Fail($"channel {c} of {values.Length}, size {size}, n={n}, {source} to {result}: {responses[c]}; the oracle " +
                        $"has {expected}");
            }
        }
    }

    [TestMethod]
    public void SumAt_EveryEntry_IsWhereTheFactorIsTheEntry()
    {
        int[] table = [.. Enumerable.Range(0, LocalResponse.Entries(LocalResponse.LargestSum(LocalResponse.MaxSize, PatternFormat.Int16)))];
        for (int entry = 0; entry < table.Length - 1; entry++)
            Assert.AreEqual(entry, LocalResponse.Factor(table, LocalResponse.SumAt(entry)));
    }

    private static void CheckRandom(Random random)
    {
        PatternFormat format = Formats[random.Next(Formats.Length)];
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        int lo = random.Next(4) == 0 ? -(int)random.NextInt64((long)limit + 1) : -limit;
        int hi = random.Next(4) == 0 ? (int)random.NextInt64((long)limit + 1) : limit;
        if (!format.Signed)
            lo = random.Next(4) == 0 ? hi / 3 : 0;
        int n = random.Next(1, Requantization.MaxShift + 1);
        int a = Signed(random, 31);
        int b = Signed(random, 15);
        int m = Signed(random, 31);
        int r;
        if (random.Next(4) == 0)
        {
            a >>= 16;
            m = Math.Abs(m);
            BigInteger product = ArbitraryPrecisionOracle.Product(a, b, m, n);
            Assert.AreEqual((long)product, Requantization.Product(a, b, m, n), $"a={a} b={b} m={m} n={n}");
            r = Requantization.Clamp((long)product, lo, hi);
            Assert.AreEqual((int)ArbitraryPrecisionOracle.Clamp(product, lo, hi), r, $"r={product} lo={lo} hi={hi}");
        }
        else
        {
            // d aims the result near the format, where projection has something to do.
            long d = random.Next(3) == 0
                ? random.NextInt64() >> random.Next(64)
                : unchecked(((long)Signed(random, format.MagnitudeBits) << n) - (long)a * m);
            r = CheckRequantize(a, m, b, Signed(random, 31), d, n, lo, hi);
        }

        CheckResult(r, format);
    }

    private static int CheckRequantize(int a, int m, int b, int mb, long d, int n, int lo, int hi)
    {
        BigInteger expected = ArbitraryPrecisionOracle.Requantize(a, m, b, mb, d, n);
        long actual = Requantization.Requantize(a, m, b, mb, d, n);
        int clamped = Requantization.Clamp(actual, lo, hi);
        if (expected != actual || ArbitraryPrecisionOracle.Clamp(expected, lo, hi) != clamped)
            Assert.Fail($"a={a} m={m} b={b} mb={mb} d={d} n={n} lo={lo} hi={hi}: {actual}, clamped {clamped}; the oracle has {expected}");
        return clamped;
    }

    private static void CheckResult(int v, PatternFormat format)
    {
        (int bits, int k, bool signed, int kind) = (format.Bits, format.PatternLength, format.Signed, (int)format.Kind);
        BigInteger whole = ArbitraryPrecisionOracle.Project(v, bits, k, signed, kind);
        if (whole != Projection.Project(v, format))
            Assert.Fail($"{v} on {format}: {Projection.Project(v, format)}; the oracle has {whole}");
        // A format without sign has terms of what the clamp lets through alone: nothing below zero.
        if (v < 0 && !signed)
            return;
        BigInteger first = ArbitraryPrecisionOracle.FirstTerm(v, bits, k, signed, kind);
        BigInteger second = ArbitraryPrecisionOracle.SecondTerm(v, bits, k, signed, kind);
        if (first != Projection.FirstTerm(v, format) || second != Projection.SecondTerm(v, format))
            Assert.Fail($"terms of {v} on {format}: {Projection.FirstTerm(v, format)} and {Projection.SecondTerm(v, format)}; the " +
                $"oracle has {first} and {second}");
    }

    /// <summary>A number of at most `bits` magnitude bits, all lengths alike.</summary>
    private static int Signed(Random random, int bits)
    {
        int magnitude = random.Next() >> (31 - random.Next(1, bits + 1));
        return random.Next(2) == 0 ? magnitude : -magnitude;
    }

    private static IEnumerable<PatternFormat> AllFormats()
    {
        foreach (FormatKind kind in Enum.GetValues<FormatKind>())
        foreach (bool signed in new[] { false, true })
        foreach (int bits in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 16, 32 })
        for (int k = 0; k <= PatternFormat.MaxPatternLength; k++)
        {
            if (PatternFormat.IsValid(bits, k, signed, kind))
                yield return PatternFormat.Create(bits, k, signed, kind);
        }
    }
}

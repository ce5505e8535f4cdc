using System.Numerics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class RequantizationTests
{
    private static readonly int[] Accumulators = [0, 1, -1, 2, -2, 3, -3, 1 << 16, int.MaxValue, int.MinValue, int.MinValue + 1];
    private static readonly int[] Multipliers = [0, 1, -1, 2, 3, -3, 1 << 30, int.MaxValue, -int.MaxValue];
    private static readonly int[] Elements = [0, 1, -1, 127, -127, 255, 32767, -32767];
    private static readonly long[] Constants = [0, 1, -1, 1L << 40, -(1L << 40), 1L << 61, -(1L << 61)];

    [TestMethod]
    public void Requantize_Corners_RoundsHalfUpAsInArbitraryPrecision()
    {
        long checks = 0;
        foreach (int a in Accumulators)
            foreach (int m in Multipliers)
                foreach (int b in Elements)
                    foreach (int mb in Multipliers)
                        foreach (long d in Constants)
                            foreach (int n in new[] { 1, 2, 8, 31, 32, 33, 61, 62 })
                                checks += Check(a, m, b, mb, d, n);
        Assert.IsTrue(checks > 300_000, $"only {checks} sums stay inside int64");
    }

    [TestMethod]
    public void Requantize_Random_RoundsHalfUpAsInArbitraryPrecision()
    {
        Random random = new(2);
        int checks = 0;
        while (checks < 200_000)
        {
            int a = random.Next(int.MinValue, int.MaxValue) >> random.Next(32),
                m = random.Next(int.MinValue + 1, int.MaxValue) >> random.Next(32);
            int b = random.Next(-32768, 32768), mb = random.Next(int.MinValue + 1, int.MaxValue) >> random.Next(32);
            checks += Check(a, m, b, mb, random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(1, 64), random.Next(1, 63));
        }
    }

    [TestMethod]
    public void Product_CornersAndRandom_RoundsHalfUpAsInArbitraryPrecision()
    {
        Random random = new(3);
        var corners = from a in Elements from b in Elements from m in Multipliers
            where m >= 0 from n in Enumerable.Range(1, 62) select (a, b, m, n);
        var others = Enumerable.Range(0, 100_000).Select(_ =>
            (a: random.Next(-32767, 32768), b: random.Next(-32767, 32768), m: random.Next() >> random.Next(31), n: random.Next(1, 63)));
        foreach ((int a, int b, int m, int n) in corners.Concat(others))
            Assert.AreEqual((long)(((BigInteger)a * b * m + (BigInteger.One << (n - 1))) >> n), Requantization.Product(a, b, m, n),
                $"{a} {b} {m} {n}");
    }

    [TestMethod]
    [DataRow(long.MaxValue, -128, 127, 127)]
    [DataRow(long.MinValue, -128, 127, -128)]
    [DataRow(5L, 0, 3, 3)]
    [DataRow(-5L, 0, 3, 0)]
    [DataRow(2L, 0, 3, 2)]
    public void Clamp_AnyInt64_StaysWithinTheBounds(long r, int lo, int hi, int expected) =>
        Assert.AreEqual(expected, Requantization.Clamp(r, lo, hi));

    // 1 if the sum stays inside int64, where the machine and arbitrary precision must agree.
    private static int Check(int a, int m, int b, int mb, long d, int n)
    {
        BigInteger sum = (BigInteger)a * m + (BigInteger)b * mb + d + (BigInteger.One << (n - 1));
        if (sum < long.MinValue || sum > long.MaxValue)
            return 0;
        // Floor of the quotient, spelt without a shift.
        BigInteger quotient = BigInteger.DivRem(sum, BigInteger.Pow(2, n), out BigInteger remainder);
        if (remainder < 0)
            quotient--;
        if (quotient != Requantization.Requantize(a, m, b, mb, d, n))
            Assert.Fail($"({a} * {m} + {b} * {mb} + {d}) >> {n}");
        return 1;
    }
}

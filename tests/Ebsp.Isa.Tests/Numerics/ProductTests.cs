using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class ProductTests
{
    [TestMethod]
    public void Multiply_AllPairsOfEveryTwoFormats_IsMultiplication()
    {
        long products = 0;
        for (int k = 1; k <= 4; k++)
        {
            ProductTable table = ProductTable.For(k);
            var operands = Formats.Windows.Where(f => f.PatternLength <= k)
                .Select(f => Formats.Values(f).Select(v => (Value: v, Code: PatternCode.Steer(v, k))).ToArray()).ToArray();
            foreach (var activations in operands)
            {
                foreach (var weights in operands)
                {
                    foreach ((int a, PatternCode codeA) in activations)
                    {
                        foreach ((int w, PatternCode codeW) in weights)
                        {
                            if (table.Multiply(codeA, codeW) != a * w)
                                Assert.Fail($"{a} * {w} on pattern length {k}");
                        }
                    }

                    products += activations.Length * weights.Length;
                }
            }
        }

        // The sum over k of the squared number of values of all window formats of patterns up to k.
        Assert.AreEqual(1_233_138, products);
    }

    [TestMethod]
    public void Multiply_FaultyEntry_ChangesTheProductsThatUseIt()
    {
        ProductTable table = ProductTable.For(3).WithFault(5, 7, 36);
        Assert.AreEqual(36 << 3, table.Multiply(PatternCode.Steer(10, 3), PatternCode.Steer(28, 3)));
        Assert.AreEqual(7 * 5, table.Multiply(PatternCode.Steer(7, 3), PatternCode.Steer(5, 3)));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(5)]
    public void For_NoPatternLength_IsRefused(int patternLength) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ProductTable.For(patternLength));

    [TestMethod]
    public void Accumulate_RandomOperands_IsTheIntegerSumWrapped()
    {
        Random random = new(1);
        foreach (PatternFormat format in Formats.Patterns)
        {
            int[] values = Formats.Values(format);
            int[] a = random.GetItems(values, 300), w = random.GetItems(values, 300);
            ProductTable table = ProductTable.For(4);
            foreach (int bias in new[] { 0, -1, 1_000_000, int.MaxValue, int.MinValue })
            {
                long sum = bias + a.Zip(w, (x, y) => (long)x * y).Sum();
                Assert.AreEqual(unchecked((int)sum), ScalarProduct.Accumulate(a, w, table, bias));
                PatternCode[] codesA = [.. a.Select(v => PatternCode.Steer(v, 4))], codesW = [.. w.Select(v => PatternCode.Steer(v, 4))];
                Assert.AreEqual(unchecked((int)sum), ScalarProduct.Accumulate(codesA, codesW, table, bias));
            }
        }
    }

    [TestMethod]
    public void Accumulate_PastInt32_Wraps()
    {
        ProductTable table = ProductTable.For(1);
        Assert.AreEqual(int.MinValue, ScalarProduct.Accumulate([1], [1], table, int.MaxValue));
        Assert.AreEqual(int.MaxValue, ScalarProduct.Accumulate([1], [-1], table, int.MinValue));
    }

    [TestMethod]
    public void Accumulate_OtherLengths_IsRefused() =>
        Assert.ThrowsExactly<ArgumentException>(() => ScalarProduct.Accumulate([1, 2], [1], ProductTable.For(2)));
}

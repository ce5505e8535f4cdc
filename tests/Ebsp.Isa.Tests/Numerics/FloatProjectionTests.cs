using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

/// <summary>Stored values as floats against the integers that the machine makes.</summary>
[TestClass]
public sealed class FloatProjectionTests
{
    private static readonly PatternFormat[] AllFormats = [.. Formats.Narrow, PatternFormat.Int16];

    [TestMethod]
    public void Requantize_OfEveryFormat_IsTheMachinesInteger()
    {
        foreach (PatternFormat format in AllFormats)
        {
            foreach ((int lo, int hi) in new[] { (int.MinValue, int.MaxValue), (0, 37), (-3, 5) })
            {
                float[] values = Halves(format), stored = new float[values.Length];
                FloatProjection.Requantize(values, 2, 0.5f, format, 1, lo, hi, stored);
                int limit = (int)((1L << format.MagnitudeBits) - 1), least = Math.Max(lo, format.Signed ? -limit : 0);
                for (int i = 0; i < values.Length; i++)
                {
                    int r = (int)Math.Clamp(MathF.Floor(values[i] * 2 + 0.5f), least, Math.Max(least, Math.Min(hi, limit)));
                    Assert.AreEqual(Projection.Project(r, format) * 0.5f, stored[i], $"{format} {values[i]} in {lo}..{hi}");
                }
            }
        }
    }

    [TestMethod]
    public void Requantize_OfTwoTerms_IsTheirSum()
    {
        PatternFormat format = PatternFormat.Window(8, 3, signed: true);
        float[] values = Halves(format), stored = new float[values.Length];
        FloatProjection.Requantize(values, 1, 1, format, 2, int.MinValue, int.MaxValue, stored);
        for (int i = 0; i < values.Length; i++)
        {
            int r = (int)Math.Clamp(MathF.Floor(values[i] + 0.5f), -127, 127);
            Assert.AreEqual(Projection.FirstTerm(r, format) + Projection.SecondTerm(r, format), stored[i], $"{values[i]}");
        }
    }

    [TestMethod]
    public void Nearest_OfEveryOperandFormat_IsTheBatchProjection()
    {
        foreach (PatternFormat format in AllFormats.Where(format => format.MaxMagnitude <= sbyte.MaxValue))
        {
            float[] values = Halves(format), stored = new float[values.Length];
            sbyte[] integers = new sbyte[values.Length];
            FloatProjection.Nearest(values, 0.37f, 1, format, stored);
            BatchProjection.Project(values, 0.37f, format, integers);
            for (int i = 0; i < values.Length; i++)
                Assert.AreEqual(integers[i], stored[i], $"{format} {values[i]}");
        }
    }

    [TestMethod]
    public void EitherProjection_OfNaN_IsNaN()
    {
        float[] values = [.. Enumerable.Repeat(float.NaN, 11)], stored = new float[11];
        FloatProjection.Requantize(values, 1, 1, PatternFormat.Window(6, 3, signed: false), 1, 0, 63, stored);
        Assert.IsTrue(stored.All(float.IsNaN));
        FloatProjection.Nearest(values, 1, 1, PatternFormat.Window(6, 3, signed: true), stored);
        Assert.IsTrue(stored.All(float.IsNaN));
    }

    // Every quarter and its neighbors, beyond both ends of the range; an odd count leaves a tail to scalar code.
    private static float[] Halves(PatternFormat format)
    {
        int reach = 4 * Math.Min(2 << format.MagnitudeBits, 700) + 1;
        return [.. Enumerable.Range(-reach, 2 * reach + 1)
            .SelectMany(i => new[] { MathF.BitDecrement(i / 4f), i / 4f, MathF.BitIncrement(i / 4f) })];
    }
}

using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class BatchProjectionTests
{
    private static readonly int[] Widths = [0, 128, 256, 512];

    private static readonly float[] Scales = [1, 0.1f, 3.7e5f, 1e-30f, 1e-40f, float.MaxValue, 1.7e38f];

    private static IEnumerable<PatternFormat> SignedByteFormats => Formats.Narrow.Where(f => f.MaxMagnitude <= 127);

    [TestMethod]
    public void Project_EveryFormatAndWidth_IsTheNearestOfTheRealNumber()
    {
        float[] corners = [.. Corners()];
        foreach (PatternFormat format in SignedByteFormats)
        {
            int[] magnitudes = Formats.Magnitudes(format);
            foreach (float scale in Scales)
            {
                float[] values = [.. corners, .. corners.Select(x => x / scale)];
                int[] expected = [.. values.Select(v => Nearest(v * scale, magnitudes, format.Signed))];
                foreach (int width in Widths)
                {
                    sbyte[] projected = new sbyte[values.Length];
                    BatchProjection.Project(values, scale, format, projected, width);
                    for (int i = 0; i < values.Length; i++)
                    {
                        if (projected[i] != expected[i])
                            Assert.Fail($"{format}, {width} bits: {values[i]:R} * {scale:R} gives {projected[i]}, not {expected[i]}");
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Project_EveryLength_IsThatOfEachValueAlone()
    {
        Random random = new(4);
        float[] values = [.. Enumerable.Range(0, 200).Select(_ => (random.NextSingle() - 0.5f) * 80)];
        foreach (PatternFormat format in SignedByteFormats)
        {
            sbyte[] expected = [.. values.Select(v => (sbyte)BatchProjection.ProjectReal(v, format))];
            foreach (int width in Widths)
            {
                for (int length = 0; length <= values.Length; length++)
                {
                    sbyte[] projected = new sbyte[length + 1];
                    projected[length] = 99;
                    BatchProjection.Project(values.AsSpan(0, length), 1, format, projected, width);
                    Assert.IsTrue(projected.AsSpan(0, length).SequenceEqual(expected.AsSpan(0, length)),
                        $"{format}, {width} bits, {length} values");
                    Assert.AreEqual(99, projected[length]);
                }
            }
        }
    }

    [TestMethod]
    public void Project_NotANumber_IsRefusedWithItsIndex()
    {
        PatternFormat format = PatternFormat.Window(6, 3, signed: true);
        foreach (int width in Widths)
        {
            foreach (int index in new[] { 0, 63, 64, 130, 149 })
            {
                float[] values = new float[150];
                values[index] = float.NaN;
                values[149] = float.NaN;
                var refusal = Assert.ThrowsExactly<ArgumentException>(() =>
                    BatchProjection.Project(values, 1, format, new sbyte[150], width));
                StringAssert.Contains(refusal.Message, $"index {index} ", StringComparison.Ordinal);
                refusal = Assert.ThrowsExactly<ArgumentException>(() => BatchProjection.SquaredError(values, 1, format, width));
                StringAssert.Contains(refusal.Message, $"index {index} ", StringComparison.Ordinal);
            }
        }
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(-1f)]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Project_NoScale_IsRefused(float scale)
    {
        PatternFormat format = PatternFormat.Window(6, 3, signed: true);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => BatchProjection.Project([1], scale, format, new sbyte[1]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => BatchProjection.SquaredError([1], scale, format));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => BatchProjection.SquaredError([1], float.Epsilon, format));
    }

    [TestMethod]
    public void Project_TooWideOrTooShort_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() =>
            BatchProjection.Project([1], 1, PatternFormat.Window(8, 3, signed: false), new sbyte[1]));
        Assert.ThrowsExactly<ArgumentException>(() =>
            BatchProjection.Project([1, 2], 1, PatternFormat.Window(8, 3, signed: true), new sbyte[1]));
        Assert.ThrowsExactly<ArgumentException>(() => BatchProjection.SquaredError([1], 1, PatternFormat.Int32));
    }

    [TestMethod]
    public void SquaredError_EveryFormatWidthAndLength_IsOneNumberToTheBit()
    {
        Random random = new(5);
        float[] values = [.. Corners().Where(x => Math.Abs(x) < 1e30f),
            .. Enumerable.Range(0, 100).Select(_ => (random.NextSingle() - 0.5f) * 600)];
        random.Shuffle(values);
        foreach (PatternFormat format in Formats.Narrow.Append(PatternFormat.Int16))
        {
            foreach (float scale in new[] { 1f, 0.037f, 12.5f })
            {
                foreach (int length in Enumerable.Range(0, 70).Append(values.Length))
                {
                    long expected = BitConverter.DoubleToInt64Bits(
                        BatchProjection.SquaredError(values.AsSpan(0, length), scale, format, 0));
                    foreach (int width in Widths)
                    {
                        double error = BatchProjection.SquaredError(values.AsSpan(0, length), scale, format, width);
                        if (BitConverter.DoubleToInt64Bits(error) != expected)
                            Assert.Fail($"{format}, {width} bits, {length} values: {error:R}");
                    }
                }
            }
        }
    }

    [TestMethod]
    public void SquaredError_RandomWeights_IsTheSumOfSquaredDifferences()
    {
        Random random = new(6);
        float[] values = [.. Enumerable.Range(0, 1000).Select(_ => random.NextSingle() - 0.5f)];
        foreach (PatternFormat format in SignedByteFormats)
        {
            float scale = 0.4f / format.MaxMagnitude;
            sbyte[] projected = new sbyte[values.Length];
            BatchProjection.Project(values, 1 / scale, format, projected);
            double expected = values.Zip(projected, (v, q) => Math.Pow(v - (double)scale * q, 2)).Sum();
            Assert.AreEqual(expected, BatchProjection.SquaredError(values, scale, format), 1e-4 * expected, format.ToString());
        }
    }

    [TestMethod]
    public void SquaredError_Infinity_IsInfinite()
    {
        foreach (int width in Widths)
        {
            float[] values = new float[32];
            (values[3], values[20]) = (float.PositiveInfinity, float.NegativeInfinity);
            Assert.AreEqual(double.PositiveInfinity,
                BatchProjection.SquaredError(values, 0.5f, PatternFormat.Window(6, 3, signed: true), width));
        }
    }

    // Zeros, denormals, every half integer up to 260 and its neighbors (all ties and members are among them), huge values, infinities.
    private static IEnumerable<float> Corners()
    {
        List<float> positive =
            [0, float.Epsilon, 1e-40f, 1.1754944e-38f, 1e-10f, 1e4f, 1.5e9f, 4e9f, 1e20f, 1.6e38f, 1.8e38f, float.MaxValue,
            float.PositiveInfinity];
        for (int halves = 1; halves <= 520; halves++)
        {
            float x = halves / 2f;
            positive.AddRange([float.BitDecrement(x), x, float.BitIncrement(x)]);
        }

        return positive.SelectMany(x => new[] { x, -x });
    }

    // Ties are half integers, so doubles compare exactly.
    private static int Nearest(float x, int[] magnitudes, bool signed)
    {
        if (x < 0 && !signed)
            return 0;
        double magnitude = Math.Abs((double)x);
        int nearest = 0;
        for (int i = 1; i < magnitudes.Length && magnitude >= (magnitudes[i - 1] + magnitudes[i]) / 2.0; i++)
            nearest = magnitudes[i];
        return x < 0 ? -nearest : nearest;
    }
}

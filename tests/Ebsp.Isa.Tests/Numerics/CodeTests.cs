using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class CodeTests
{
    [TestMethod]
    public void Steer_EveryValueAndPatternLength_IsTheOneCanonicalCode()
    {
        foreach (PatternFormat format in Formats.Patterns)
        {
            for (int k = format.PatternLength; k <= 4; k++)
            {
                HashSet<PatternCode> codes = [];
                foreach (int value in Formats.Values(format))
                {
                    PatternCode code = PatternCode.Steer(value, k);
                    Assert.AreEqual(value, code.Value, $"{format} {value} on {k}");
                    Assert.AreEqual(value < 0, code.Negative);
                    Assert.IsTrue(code.Significand >= 0 && code.Significand < 1 << k);
                    // A shift only where the leading one fills the window.
                    Assert.IsTrue(code.Shift == 0 || code.Significand >= 1 << (k - 1), $"{format} {value} on {k}");
                    Assert.IsTrue(codes.Add(code));
                }
            }
        }
    }

    [TestMethod]
    public void SlotCode_EveryValue_RoundTripsAndEveryOtherCodeIsRefused()
    {
        foreach (PatternFormat format in Formats.Narrow)
        {
            Dictionary<int, int> values = Formats.Values(format).ToDictionary(v => SlotCode.Encode(v, format));
            for (int code = -600; code <= 600; code++)
            {
                Assert.AreEqual(values.TryGetValue(code, out int expected), SlotCode.TryDecode(code, format, out int value),
                    $"{format} {code}");
                if (values.ContainsKey(code))
                    Assert.AreEqual(expected, value);
            }

            foreach (int code in values.Keys)
                Assert.IsTrue(code >= 0 && code >> format.Bits == 0, $"{format} {code}");
        }
    }

    [TestMethod]
    public void SlotCode_WidePlainFormats_AreTheirTwosComplement()
    {
        foreach (int value in new[] { 0, 1, -1, 32767, -32767 })
        {
            Assert.AreEqual(value, SlotCode.Encode(value, PatternFormat.Int16));
            Assert.IsTrue(SlotCode.TryDecode(value, PatternFormat.Int16, out int decoded) && decoded == value);
        }

        Assert.IsFalse(SlotCode.TryDecode(-32768, PatternFormat.Int16, out _));
        Assert.IsFalse(SlotCode.TryDecode(32768, PatternFormat.Int16, out _));
        Assert.IsFalse(SlotCode.TryDecode(int.MinValue, PatternFormat.Int32, out _));
    }

    [TestMethod]
    public void WeightCode_EveryValue_RoundTripsAndEveryOtherCodeIsRefused()
    {
        foreach (PatternFormat format in Formats.Narrow)
        {
            Dictionary<int, int> values = Formats.Values(format).ToDictionary(v => WeightCode.Encode(v, format));
            for (int code = -600; code <= 600; code++)
            {
                Assert.AreEqual(values.TryGetValue(code, out int expected), WeightCode.TryDecode(code, format, out int value),
                    $"{format} {code}");
                Assert.AreEqual(expected, value);
            }

            Assert.IsTrue(WeightCode.Bits(format) <= format.Bits);
        }
    }

    [TestMethod]
    public void WeightCode_EverySet_TakesAsFewBitsAsItNeeds()
    {
        foreach (PatternFormat format in Formats.Narrow)
        {
            int bits = WeightCode.Bits(format), count = Formats.Values(format).Length;
            Assert.IsTrue(count <= 1 << bits && count > 1 << (bits - 1), $"{format}: {count} values in {bits} bits");
        }

        Assert.AreEqual(5, WeightCode.Bits(PatternFormat.Window(6, 3, signed: true)));
        Assert.ThrowsExactly<ArgumentException>(() => WeightCode.Bits(PatternFormat.Int16));
    }

    [TestMethod]
    public void WeightCode_Magnitudes_AreNumberedUpwards()
    {
        foreach (PatternFormat format in Formats.Narrow)
        {
            int[] magnitudes = Formats.Magnitudes(format);
            for (int i = 0; i < magnitudes.Length; i++)
                Assert.AreEqual(i, WeightCode.Encode(magnitudes[i], format), format.ToString());
        }
    }
}

using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class PatternFormatTests
{
    [TestMethod]
    public void MagnitudeCount_EveryFormat_IsTheFormulaAndTheSizeOfTheSet()
    {
        foreach (PatternFormat format in Formats.Patterns)
        {
            int[] magnitudes = Formats.Magnitudes(format);
            int bits = format.MagnitudeBits, k = format.PatternLength;
            if (format.Kind == FormatKind.Window)
                Assert.AreEqual((1 << k) + (bits - k) * (1 << k) / 2, magnitudes.Length, format.ToString());
            Assert.AreEqual(magnitudes.Length, format.MagnitudeCount, format.ToString());
            CollectionAssert.AreEqual(magnitudes, format.Magnitudes().ToArray(), format.ToString());
            CollectionAssert.AreEqual(Formats.Values(format), format.Values().ToArray(), format.ToString());
            Assert.AreEqual(magnitudes[^1], format.MaxMagnitude, format.ToString());
            Assert.AreEqual(format.Signed ? -magnitudes[^1] : 0, format.MinValue, format.ToString());
        }
    }

    [TestMethod]
    public void Contains_EveryFormatAndValue_IsMembershipOfTheSet()
    {
        foreach (PatternFormat format in Formats.Narrow)
        {
            HashSet<int> values = [.. Formats.Values(format)];
            for (int value = -600; value <= 600; value++)
                Assert.AreEqual(values.Contains(value), format.Contains(value), $"{format} {value}");
            Assert.IsFalse(format.Contains(int.MinValue) || format.Contains(int.MaxValue));
        }

        Assert.IsTrue(PatternFormat.Int16.Contains(-32767) && !PatternFormat.Int16.Contains(-32768));
        Assert.IsTrue(PatternFormat.Int32.Contains(-int.MaxValue) && !PatternFormat.Int32.Contains(int.MinValue));
    }

    [TestMethod]
    public void TryParse_ShortFormOfEveryFormat_GivesTheFormat()
    {
        foreach (PatternFormat format in Formats.Narrow.Append(PatternFormat.Int16).Append(PatternFormat.Int32))
        {
            Assert.IsTrue(PatternFormat.TryParse(format.ToString(), out PatternFormat parsed), format.ToString());
            Assert.AreEqual(format, parsed);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("s")]
    [DataRow("x6(3)")]
    [DataRow("s6(3")]
    [DataRow("s6(")]
    [DataRow("s6()")]
    [DataRow("s6(r)")]
    [DataRow("s6(0)")]
    [DataRow("s6(5)")]
    [DataRow("s06(3)")]
    [DataRow("s6(3)x")]
    [DataRow("s9(3)")]
    [DataRow("u16")]
    [DataRow("s1")]
    [DataRow("s3(3)")]
    [DataRow("s99999999999")]
    public void TryParse_NoFormat_IsRefused(string text) => Assert.IsFalse(PatternFormat.TryParse(text, out _));

    [TestMethod]
    [DataRow(0, 1, false)]
    [DataRow(9, 3, true)]
    [DataRow(6, 0, true)]
    [DataRow(6, 5, true)]
    [DataRow(1, 1, true)]
    [DataRow(3, 3, true)]
    public void Window_OutsideTheRanges_IsRefused(int bits, int patternLength, bool signed) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PatternFormat.Window(bits, patternLength, signed));
}

using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class ProjectionTests
{
    [TestMethod]
    public void Project_EveryMagnitude_IsTheNearestAndOfTwoTheLarger()
    {
        foreach (PatternFormat format in Formats.Narrow)
        {
            int[] magnitudes = Formats.Magnitudes(format);
            int[] farther = [1000, 1 << 30, (1 << 30) + 1, int.MaxValue - 1, int.MaxValue];
            foreach (int magnitude in Enumerable.Range(0, (2 << format.MagnitudeBits) + 1).Concat(farther))
            {
                int expected = Formats.Nearest(magnitudes, magnitude);
                Assert.AreEqual(expected, Projection.ProjectMagnitude(magnitude, format), $"{format} {magnitude}");
                Assert.AreEqual(expected, Projection.Project(magnitude, format), $"{format} {magnitude}");
                Assert.AreEqual(format.Signed ? -expected : 0, Projection.Project(-magnitude, format), $"{format} {-magnitude}");
                Assert.AreEqual(magnitudes.Last(m => m <= magnitude), Projection.FloorMagnitude(magnitude, format),
                    $"{format} {magnitude}");
            }

            Assert.AreEqual(format.MinValue, Projection.Project(int.MinValue, format));
        }
    }

    [TestMethod]
    public void Project_WidePlainFormats_OnlySaturates()
    {
        Assert.AreEqual(32767, Projection.Project(32768, PatternFormat.Int16));
        Assert.AreEqual(-32767, Projection.Project(-32768, PatternFormat.Int16));
        Assert.AreEqual(int.MaxValue, Projection.Project(int.MaxValue, PatternFormat.Int32));
        Assert.AreEqual(-int.MaxValue, Projection.Project(int.MinValue, PatternFormat.Int32));
    }

    [TestMethod]
    public void Terms_EveryClampedValue_AreTheLargestBelowAndTheProjectionOfTheRest()
    {
        foreach (PatternFormat format in Formats.Patterns)
        {
            int[] magnitudes = Formats.Magnitudes(format);
            int limit = (1 << format.MagnitudeBits) - 1;
            for (int value = format.Signed ? -limit : 0; value <= limit; value++)
            {
                int magnitude = Math.Abs(value), sign = value < 0 ? -1 : 1;
                int first = magnitudes.Last(m => m <= magnitude), second = Formats.Nearest(magnitudes, magnitude - first);
                Assert.AreEqual(sign * first, Projection.FirstTerm(value, format), $"{format} {value}");
                Assert.AreEqual(sign * second, Projection.SecondTerm(value, format), $"{format} {value}");
                Assert.IsTrue(first + second <= 1 << format.MagnitudeBits);
                if (format.Kind == FormatKind.Window && format.PatternLength == 4)
                    Assert.AreEqual(value, Projection.FirstTerm(value, format) + Projection.SecondTerm(value, format), $"{format} {value}");
            }
        }
    }

    [TestMethod]
    public void Terms_BeyondTheFormat_Saturate()
    {
        PatternFormat signed = PatternFormat.Window(6, 3, signed: true), unsigned = PatternFormat.Window(6, 3, signed: false);
        foreach (int value in new[] { int.MinValue, -int.MaxValue, -1000 })
        {
            Assert.AreEqual(-28, Projection.FirstTerm(value, signed));
            Assert.AreEqual(-28, Projection.SecondTerm(value, signed));
            Assert.AreEqual(0, Projection.FirstTerm(value, unsigned));
            Assert.AreEqual(0, Projection.SecondTerm(value, unsigned));
        }
    }
}

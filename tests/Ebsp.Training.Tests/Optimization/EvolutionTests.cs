using Ebsp.Isa.Numerics;
using Ebsp.Training.Modules;
using Ebsp.Training.Optimization;

namespace Ebsp.Training.Tests.Optimization;

[TestClass]
public sealed class EvolutionTests
{
    [TestMethod]
    public void At_FallsInEqualTimesOverTheFirstHalf()
    {
        CollectionAssert.AreEqual(new[] { 2, 2, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0 },
            Enumerable.Range(0, 12).Select(step => Evolution.At(step, 12, 2)).ToArray());
        Assert.AreEqual(0, Evolution.At(0, 12, 0));
    }

    [TestMethod]
    public void Wider_EndsAtWhatAFormatCanHave()
    {
        Assert.AreEqual(PatternFormat.Window(7, 4, true), Evolution.Wider(PatternFormat.Window(6, 3, true), 1));
        Assert.AreEqual(PatternFormat.Window(8, 4, true), Evolution.Wider(PatternFormat.Window(6, 3, true), 3));
        Assert.AreEqual(PatternFormat.Window(3, 2, true), Evolution.Wider(PatternFormat.Window(2, 1, true), 1));
        Assert.AreEqual(PatternFormat.Uniform(6, false), Evolution.Wider(PatternFormat.Uniform(4, false), 2));
    }

    [TestMethod]
    public void Take_KeepsTheClip()
    {
        LearnedScale scale = new("", [0.5f, 2], PatternFormat.Window(6, 3, true), 1);
        float clip = scale.Values[1] * scale.Largest;
        float factor = scale.Take(PatternFormat.Window(8, 4, true));
        Assert.AreEqual(clip, scale.Values[1] * scale.Largest, 1e-5f);
        Assert.AreEqual(28f / 120, factor, 1e-7f);
    }
}

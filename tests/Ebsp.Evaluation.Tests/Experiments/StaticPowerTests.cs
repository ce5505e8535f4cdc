using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Tests.Experiments;

[TestClass]
public sealed class StaticPowerTests
{
    // Dynamic energy equal, leakage 1 against 10: 0 % without, 90 % with leakage alone.
    private static readonly (EnergyBreakdown, EnergyBreakdown)[] Pairs =
        [(new EnergyBreakdown(3, 2, 5, 1), new EnergyBreakdown(1, 4, 5, 10))];

    [TestMethod]
    [DataRow(0.0, 0.0)]
    [DataRow(1.0, 0.45)]
    [DataRow(double.PositiveInfinity, 0.9)]
    public void Saving_OfAMultipleOfLeakage_IsThatOfTheSums(double times, double saving) =>
        Assert.AreEqual(saving, StaticPower.Saving(Pairs, times), 1e-12);

    [TestMethod]
    public void Times_OfASaving_GivesIt()
    {
        foreach (double saving in (double[])[0.1, 0.45, 0.8])
            Assert.AreEqual(saving, StaticPower.Saving(Pairs, StaticPower.Times(Pairs, saving)!.Value), 1e-5);
        Assert.IsNull(StaticPower.Times(Pairs, 0.95));
        Assert.IsNull(StaticPower.Times(Pairs, -0.1));
    }
}

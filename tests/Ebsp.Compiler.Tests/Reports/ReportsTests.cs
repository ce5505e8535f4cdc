using Ebsp.Compiler.Reports;

namespace Ebsp.Compiler.Tests.Reports;

/// <summary>Counts and intervals of the reports, against numbers worked out by hand.</summary>
[TestClass]
public sealed class ReportsTests
{
    [TestMethod]
    public void Accuracy_EqualScores_TheSmallerClassComesFirst()
    {
        float[] scores = [1, 3, 3, /**/ 5, 5, 5, /**/ 0, 1, 2];
        Assert.AreEqual(new Accuracy(1, 1, 3), Accuracy.Of(scores, [2, 0, 1]));
        Assert.AreEqual(new Accuracy(2, 3, 3), Accuracy.Of(scores, [2, 0, 1], best: 2));
    }

    // Wilson's interval for 8 of 10 at 95 %, as in E. B. Wilson, JASA 22 (1927): 0.4901625 to 0.9433178.
    [TestMethod]
    public void Accuracy_EightOfTen_HasWilsonsInterval()
    {
        Accuracy accuracy = new(1, 8, 10);
        Assert.AreEqual(0.8, accuracy.Share, 1e-12);
        Assert.AreEqual(0.4901625, accuracy.Low95, 1e-6);
        Assert.AreEqual(0.9433178, accuracy.High95, 1e-6);
    }

    [TestMethod]
    public void Accuracy_AllOrNoneRight_StaysInsideZeroAndOne()
    {
        Assert.AreEqual(1.0, new Accuracy(1, 4, 4).High95, 1e-12);
        Assert.IsLessThanOrEqualTo(1.0, new Accuracy(1, 4, 4).High95);
        Assert.AreEqual(0.0, new Accuracy(1, 0, 4).Low95, 1e-12);
        Assert.IsGreaterThanOrEqualTo(0.0, new Accuracy(1, 0, 4).Low95);
        Assert.IsLessThan(1.0, new Accuracy(1, 4, 4).Low95);
    }

    [TestMethod]
    public void Agreement_OfTwoModels_CountsEqualAnswers()
    {
        Agreement agreement = Agreement.Of([1, 2, 2, 1, 7, 7], [0, 1, 0, 1, 9, 1], images: 3);
        Assert.AreEqual(new Agreement(2, 3), agreement);
        Assert.AreEqual(2 / 3.0, agreement.Share, 1e-12);
    }
}

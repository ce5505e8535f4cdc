using Ebsp.Compiler.Reports;

namespace Ebsp.Compiler.Tests.Reports;

/// <summary>When lost answers are said to be too many.</summary>
[TestClass]
public sealed class CalibrationQualityTests
{
    [TestMethod]
    [DataRow(512, 512, false)]
    [DataRow(512, 460, false)]
    [DataRow(512, 440, true)]
    [DataRow(16, 14, false)]
    [DataRow(16, 8, true)]
    [DataRow(1, 0, true)]
    public void IsPoor_WithATenthLostBeyondChance_IsTrue(int images, int same, bool expected) =>
        Assert.AreEqual(expected, new CalibrationQuality(new Agreement(same, images), null, null).IsPoor);
}

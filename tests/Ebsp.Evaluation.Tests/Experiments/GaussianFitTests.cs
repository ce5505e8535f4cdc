using Ebsp.Evaluation.Experiments;
using Ebsp.Isa.Numerics;

namespace Ebsp.Evaluation.Tests.Experiments;

[TestClass]
public sealed class GaussianFitTests
{
    // J. Max, "Quantizing for minimum distortion", 1960, table II: a uniform quantizer of N = 15 and 31 levels has a squared error of
    // 0.01291
    // and 0.003729 (N odd, as sign and magnitude have it).
    [TestMethod]
    [DataRow(4, 18.9)]
    [DataRow(5, 24.3)]
    public void Fit_UniformValues_IsMaxsUniformQuantizer(int bits, double decibels) =>
        Assert.AreEqual(decibels, GaussianFit.Of(PatternFormat.Uniform(bits, signed: true)).SignalToNoise, 0.1);

    [TestMethod]
    public void Shares_AddUpToOne()
    {
        foreach ((int bits, int k) in PatternPoint.Formats)
            Assert.AreEqual(1, GaussianFit.Of(PatternFormat.Window(bits, k, signed: true)).Shares.Sum(share => share.Share), 1e-6);
    }

    [TestMethod]
    public void Fit_LongerPattern_IsNeverWorse()
    {
        foreach ((int bits, int k) in PatternPoint.Formats.Where(format => format.K > 1))
        {
            Assert.IsGreaterThan(GaussianFit.Of(PatternFormat.Window(bits, k - 1, signed: true)).SignalToNoise,
                GaussianFit.Of(PatternFormat.Window(bits, k, signed: true)).SignalToNoise, $"{bits} {k}");
        }
    }
}

using Ebsp.Compiler.Data;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>The digits that ship with the sample.</summary>
[TestClass]
public sealed class SampleDataTests
{
    [TestMethod]
    public void Read_SampleDigits_AreDisjointPartsOfTheSet()
    {
        ImageSet heldOut = DataReader.Read(TestData.Repository("samples/Digits/digits-heldout.csv.gz"));
        ImageSet calibration = DataReader.Read(TestData.Repository("samples/Digits/digits-calibration.csv.gz"));
        Assert.AreEqual((360, 200), (heldOut.Count, calibration.Count));
        HashSet<string> known = Lines(heldOut), seen = Lines(calibration);
        Assert.HasCount(360, known);
        Assert.IsFalse(known.Overlaps(seen));
        Assert.IsTrue(Lines(DataReader.Read(TestData.File("digits/digits.csv.gz"))).IsSupersetOf(known.Union(seen)));
        Assert.HasCount(10, heldOut.Labels!.Distinct().ToArray());
    }

    private static HashSet<string> Lines(ImageSet images) =>
        [.. Enumerable.Range(0, images.Count).Select(n => $"{Convert.ToHexString(images.PixelsOf(n))}:{images.Labels![n]}")];
}

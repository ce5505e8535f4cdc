using System.Security.Cryptography;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>Real JPEG files with chroma of half the size, held to the pixels that libjpeg-turbo and Pillow made of them.</summary>
[TestClass]
public sealed class ImageNetTests
{
    [TestMethod]
    public void Read_JpegsOfTheZip_AreNearThePixelsOfLibjpegTurbo()
    {
        int count = LongMode.Count(20, 100);
        ImageSet pictures = Pictures(new DataOptions { Count = count });
        ImageSet pixels = DataReader.Read(TestData.File("imagenet/val100-rgb227.med.br"), new DataOptions { Count = count });
        Assert.AreEqual((count, 3, 227, 227), (pictures.Count, pictures.Channels, pictures.Height, pictures.Width));
        Near(pixels, pictures, most: 80, meanOfAPicture: 3.6, mean: 1.2);
    }

    [TestMethod]
    public void Read_JpegsResizedTo128_AreNearThePixelsOfPillow()
    {
        int count = LongMode.Count(20, 200);
        ImageSet pictures = Pictures(new DataOptions { Count = count, Resize = new ImageSize(128) });
        ImageSet pixels = DataReader.Read(TestData.File("imagenet/val200-rgb128.med.br"), new DataOptions { Count = count });
        Assert.AreEqual((count, 3, 128, 128), (pictures.Count, pictures.Channels, pictures.Height, pictures.Width));
        Near(pixels, pictures, most: 36, meanOfAPicture: 1.4, mean: 0.6);
    }

    [TestMethod]
    public void Read_AllJpegsOfTheZip_DecodeInTheOrderOfTheLabels()
    {
        LongMode.Require();
        ImageSet pictures = Pictures(new DataOptions { LabelOffset = 1 });
        Assert.AreEqual(500, pictures.Count);
        Assert.AreEqual("ILSVRC2012_val_00002845.JPEG", pictures.Names![0]);
        CollectionAssert.AreEqual(new[] { 301, 414, 468, 747 }, pictures.Labels![..4]);
        HashSet<string> different = [];
        for (int n = 0; n < pictures.Count; n++)
            different.Add(Convert.ToHexString(SHA256.HashData(pictures.PixelsOf(n))));
        Assert.HasCount(500, different);
    }

    private static ImageSet Pictures(DataOptions options) =>
        DataReader.Read(TestData.File("imagenet/val500-jpeg.zip"),
            options with { LabelsPath = TestData.File("imagenet/val500-labels.csv") });

    // The differences as measured, rounded up: 78, 3.55 and 1.10 over the first hundred; 34, 1.32 and 0.48 over 200 at 128 x 128.
    private static void Near(ImageSet expected, ImageSet actual, int most, double meanOfAPicture, double mean)
    {
        double sum = 0;
        for (int n = 0; n < actual.Count; n++)
        {
            PixelDifference difference = PixelDifference.Of(expected.PixelsOf(n), actual.PixelsOf(n));
            Assert.IsTrue(difference.Most <= most && difference.Mean <= meanOfAPicture, $"{actual.Names![n]}: {difference}");
            sum += difference.Mean;
        }

        Assert.IsLessThanOrEqualTo(mean, sum / actual.Count);
    }
}

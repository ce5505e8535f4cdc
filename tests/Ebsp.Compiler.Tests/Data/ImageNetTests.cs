using System.Security.Cryptography;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>Real JPEG files, held to the pixels that libjpeg-turbo and Pillow made of them.</summary>
[TestClass]
public sealed class ImageNetTests
{
    [TestMethod]
    public void Read_JpegsOfTheZip_HaveThePixelsOfLibjpegTurbo()
    {
        int count = LongMode.Count(20, 100);
        ImageSet pictures = Pictures(new DataOptions { Count = count });
        ImageSet pixels = DataReader.Read(TestData.File("imagenet/val100-rgb227.med.br"), new DataOptions { Count = count });
        Assert.AreEqual((count, 3, 227, 227), (pictures.Count, pictures.Channels, pictures.Height, pictures.Width));
        for (int n = 0; n < count; n++)
            Assert.IsTrue(pixels.PixelsOf(n).SequenceEqual(pictures.PixelsOf(n)),
                $"{pictures.Names![n]}: {Difference(pixels.PixelsOf(n), pictures.PixelsOf(n))}");
    }

    [TestMethod]
    public void Read_JpegsResizedTo128_HaveThePixelsOfPillow()
    {
        int count = LongMode.Count(20, 200);
        ImageSet pictures = Pictures(new DataOptions { Count = count, Resize = new ImageSize(128) });
        ImageSet pixels = DataReader.Read(TestData.File("imagenet/val200-rgb128.med.br"), new DataOptions { Count = count });
        Assert.AreEqual((count, 3, 128, 128), (pictures.Count, pictures.Channels, pictures.Height, pictures.Width));
        for (int n = 0; n < count; n++)
            Assert.IsTrue(pixels.PixelsOf(n).SequenceEqual(pictures.PixelsOf(n)),
                $"{pictures.Names![n]}: {Difference(pixels.PixelsOf(n), pictures.PixelsOf(n))}");
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

    private static string Difference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int most = 0, unequal = 0, first = -1;
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            int difference = Math.Abs(a[i] - b[i]);
            (most, sum, unequal) = (Math.Max(most, difference), sum + difference, unequal + (difference == 0 ? 0 : 1));
            if (difference > 0 && first < 0)
                first = i;
        }

        return $"largest {most}, mean {(double)sum / a.Length}, {unequal} of {a.Length} unequal, first {first}";
    }
}

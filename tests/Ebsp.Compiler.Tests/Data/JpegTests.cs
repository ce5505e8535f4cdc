using Ebsp.Compiler.Data;
using Ebsp.Compiler.Data.Images;
using Ebsp.Compiler.Diagnostics;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>
/// A made-up picture of 37 x 29 pixels in the kinds of JPEG that libjpeg-turbo's cjpeg 2.1.5 writes, and beside them the pixels that its
/// djpeg makes of them. Its colors change from pixel to pixel, which is the worst case for chroma of half the size.
/// </summary>
[TestClass]
public sealed class JpegTests
{
    // The differences as measured: of whole chroma those of the inverse transform, of halved chroma those of its interpolation.
    [TestMethod]
    [DataRow("444", "444.ppm", 2, 0.05)]
    [DataRow("411", "411.ppm", 2, 0.05)]
    [DataRow("410", "410.ppm", 2, 0.05)]
    [DataRow("gray", "gray.pgm", 2, 0.05)]
    [DataRow("rgb", "rgb.ppm", 2, 0.05)]
    [DataRow("16-bit-tables", "16-bit-tables.ppm", 2, 0.05)]
    [DataRow("440", "440.ppm", 39, 4.7)]
    [DataRow("422", "422.ppm", 54, 10.4)]
    [DataRow("422-restart", "422.ppm", 54, 10.4)]
    [DataRow("mixed", "mixed.ppm", 54, 7.2)]
    [DataRow("420", "420.ppm", 61, 10.4)]
    [DataRow("420-restart", "420.ppm", 61, 10.4)]
    [DataRow("scans", "420.ppm", 61, 10.4)]
    [DataRow("progressive", "420.ppm", 61, 10.4)]
    [DataRow("420-q100", "420-q100.ppm", 87, 11.1)]
    public void Read_JpegOfEveryKind_IsNearThePixelsOfLibjpegTurbo(string name, string pixels, int most, double mean)
    {
        ImageSet image = DataReader.Read(Jpeg(name)), expected = DataReader.Read(Picture(pixels));
        Assert.AreEqual(expected.Shape, image.Shape);
        PixelDifference difference = PixelDifference.Of(expected.PixelsOf(0), image.PixelsOf(0));
        Assert.IsTrue(difference.Most <= most && difference.Mean <= mean, $"{difference}");
    }

    [TestMethod]
    public void Read_ProgressiveJpeg_HasThePixelsOfTheSequentialOne() =>
        Assert.IsTrue(DataReader.Read(Jpeg("420")).PixelsOf(0).SequenceEqual(DataReader.Read(Jpeg("progressive")).PixelsOf(0)));

    [TestMethod]
    public void Read_JpegWithArithmeticCoding_NamesIt() =>
        Assert.Contains("arithmetic coding", Hostile.Refuses(Jpeg("arithmetic"), DataDiagnostics.UnsupportedImage).Cause);

    [TestMethod]
    [DataRow(6, 0)]
    [DataRow(14, 0x31)]
    public void Read_JpegWithAFrameThatIsNotRead_IsRefused(int offset, int value)
    {
        using TemporaryFolder folder = new();
        byte[] bytes = File.ReadAllBytes(Jpeg("420"));
        int frame = bytes.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 });
        bytes[frame + offset] = (byte)value;
        if (offset == 6)
            bytes[frame + 5] = 0;
        Hostile.Refuses(folder.Write("a.jpg", bytes), DataDiagnostics.Damaged);
    }

    [TestMethod]
    public void Read_JpegWithHugeSize_IsRefusedWithoutAllocating()
    {
        using TemporaryFolder folder = new();
        byte[] bytes = File.ReadAllBytes(Jpeg("420"));
        int frame = bytes.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 });
        foreach ((byte size, string code) in new[] { ((byte)0x1F, DataDiagnostics.Truncated), ((byte)0xFF, DataDiagnostics.TooLarge) })
        {
            bytes[frame + 5] = bytes[frame + 7] = size;
            string path = folder.Write("a.jpg", bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Hostile.Refuses(path, code);
            Assert.IsLessThan(1L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [TestMethod]
    public void Read_JpegCutOff_IsRefusedAtEveryByte()
    {
        byte[] bytes = File.ReadAllBytes(Jpeg("422-restart"));
        for (int length = 0; length < bytes.Length; length++)
            Assert.ThrowsExactly<EbspException>(() => ImageDecoder.Decode(bytes[..length], new ImageOrigin("a.jpg", null)),
                $"{length} bytes");
    }

    private static string Jpeg(string name) => Picture($"{name}.jpg");

    private static string Picture(string file) => TestData.Repository($"tests/Ebsp.Compiler.Tests/Data/Jpegs/{file}");
}

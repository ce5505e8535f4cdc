using System.Security.Cryptography;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Data.Images;
using Ebsp.Compiler.Diagnostics;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>
/// A made-up picture of 37 x 29 pixels in the kinds of JPEG that libjpeg-turbo's cjpeg 2.1.5 writes; the sums are those of the pixels that
/// its djpeg makes of them.
/// </summary>
[TestClass]
public sealed class JpegTests
{
    [TestMethod]
    [DataRow("444", 3, "696ff905cac9ba16b178efd62e60d841c5c4b094aac4050bcc7c786e3b40cf36")]
    [DataRow("422", 3, "6bb7ac640c4b4ed0a3b889f7834b72411ab0e440aee5a95d530eee1082f2b351")]
    [DataRow("420", 3, "d8842916c8eba493b0b3c1f9903cad1cbb69cd9f098e83b69cc2049b2ad2dbf5")]
    [DataRow("440", 3, "2ec342adf8a2051f11c60619275a425e61159e638692b3f0b07c689058bf2142")]
    [DataRow("411", 3, "766b4c4a2b3bbfa3dd290c9e80bee9f160546ac73b21c30528d210b2af000000")]
    [DataRow("410", 3, "a47fe0acf125800aef9e2a0a5b9453a60c1b75a0f5b975fa5181469aa57fe3c8")]
    [DataRow("mixed", 3, "c9af92395dd1242d708e2c1f3f31fbc07192d0f35f34d7fcbd1dc8b5efff2c6d")]
    [DataRow("gray", 1, "10d2603ae7fe3c5f32184e82e452d7dc819d1fd4d198c14dc2b8374d67fc1344")]
    [DataRow("rgb", 3, "05192f79e615da343bb06c6ca003c375e1b28f64e1278ac793f7343f1c527d2f")]
    [DataRow("420-restart", 3, "d8842916c8eba493b0b3c1f9903cad1cbb69cd9f098e83b69cc2049b2ad2dbf5")]
    [DataRow("422-restart", 3, "6bb7ac640c4b4ed0a3b889f7834b72411ab0e440aee5a95d530eee1082f2b351")]
    [DataRow("420-q100", 3, "29bad6de94508a283480f0d421d835df85af977ac1e08fedad3751c3cc86ca59")]
    [DataRow("16-bit-tables", 3, "430051053c8ab764cc7a2e4a38fe1e69887329d989bce83d6d5698dc7e8b7058")]
    [DataRow("scans", 3, "d8842916c8eba493b0b3c1f9903cad1cbb69cd9f098e83b69cc2049b2ad2dbf5")]
    public void Read_JpegOfEveryKind_HasThePixelsOfLibjpegTurbo(string name, int channels, string hash)
    {
        ImageSet image = DataReader.Read(Jpeg(name));
        Assert.AreEqual((channels, 29, 37), (image.Channels, image.Height, image.Width));
        ReadOnlySpan<byte> planes = image.PixelsOf(0);
        byte[] pixels = new byte[planes.Length];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = planes[i % channels * 29 * 37 + i / channels];
        Assert.AreEqual(hash, Convert.ToHexStringLower(SHA256.HashData(pixels)));
    }

    [TestMethod]
    [DataRow("progressive", "A progressive JPEG (marker FFC2) is not read.")]
    [DataRow("arithmetic", "A JPEG with arithmetic coding (marker FFC9) is not read.")]
    public void Read_JpegOfAKindThatIsNotRead_NamesIt(string name, string cause) =>
        Assert.AreEqual(cause, Hostile.Refuses(Jpeg(name), DataDiagnostics.UnsupportedImage).Cause);

    [TestMethod]
    [DataRow(4, 12, "A JPEG with 12 bits a sample is not read.")]
    [DataRow(6, 0, "A JPEG whose height comes after its pixels (DNL) is not read.")]
    [DataRow(14, 0x31, "A JPEG with a sampling ratio that is no whole number is not read.")]
    public void Read_JpegWithAnotherFrame_NamesIt(int offset, int value, string cause)
    {
        using TemporaryFolder folder = new();
        byte[] bytes = File.ReadAllBytes(Jpeg("420"));
        int frame = bytes.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 });
        bytes[frame + offset] = (byte)value;
        if (offset == 6)
            bytes[frame + 5] = 0;
        Assert.AreEqual(cause, Hostile.Refuses(folder.Write("a.jpg", bytes), DataDiagnostics.UnsupportedImage).Cause);
    }

    [TestMethod]
    public void Read_JpegWithFourComponents_IsRefusedAsCmyk()
    {
        using TemporaryFolder folder = new();
        byte[] frame = [0xFF, 0xD8, 0xFF, 0xC0, 0, 20, 8, 0, 1, 0, 1, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0, 0xFF, 0xD9];
        Assert.Contains("CMYK", Hostile.Refuses(folder.Write("a.jpg", frame), DataDiagnostics.UnsupportedImage).Cause);
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
            Assert.ThrowsExactly<EbspException>(() => ImageDecoder.Decode(bytes.AsSpan(0, length), new ImageOrigin("a.jpg", null)),
                $"{length} bytes");
    }

    private static string Jpeg(string name) => TestData.Repository($"tests/Ebsp.Compiler.Tests/Data/Jpegs/{name}.jpg");
}

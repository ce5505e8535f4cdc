using Ebsp.Emulator.Models;

namespace Ebsp.Emulator.Tests.Models;

[TestClass]
public sealed class PixelLayoutTests
{
    [TestMethod]
    [DataRow(3, 3, false, "0 3 6 9 1 4 7 10 2 5 8 11")]
    [DataRow(3, 3, true, "2 5 8 11 1 4 7 10 0 3 6 9")]
    [DataRow(4, 3, false, "0 4 8 1 5 9 2 6 10")]
    [DataRow(4, 3, true, "2 6 10 1 5 9 0 4 8")]
    [DataRow(4, 1, false, "0 4 8")]
    [DataRow(1, 1, false, "0 1 2 3 4 5 6 7 8 9 10 11")]
    public void ToPlanar_EveryLayout_TakesTheChannelsApart(int bytesPerPixel, int channels, bool reverse, string expected)
    {
        byte[] interleaved = [.. Enumerable.Range(0, 12).Select(i => (byte)i)];
        byte[] planar = new byte[12 / bytesPerPixel * channels];
        PixelLayout.ToPlanar(interleaved, bytesPerPixel, planar, channels, reverse);
        Assert.AreEqual(expected, string.Join(' ', planar));
    }

    [TestMethod]
    public void ToPlanar_LengthsThatDoNotFit_AreRefused()
    {
        Assert.Contains("13 bytes are no whole number of pixels of 4 bytes",
            Assert.ThrowsExactly<ArgumentException>(() => PixelLayout.ToPlanar(new byte[13], 4, new byte[9], 3)).Message);
        Assert.Contains("3 pixels of 3 channels take 9 bytes, not 8",
            Assert.ThrowsExactly<ArgumentException>(() => PixelLayout.ToPlanar(new byte[12], 4, new byte[8], 3)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PixelLayout.ToPlanar(new byte[12], 2, new byte[18], 3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PixelLayout.ToPlanar(new byte[12], 2, [], 0));
    }
}

using System.IO.Compression;
using System.Text;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.TestKit;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>PNG, PGM and PPM made here, folders and zips of them, sizes and labels.</summary>
[TestClass]
public sealed class PictureTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static IEnumerable<object[]> PngKinds =>
        from kind in new (int Color, int Bits)[] { (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8),
            (4, 8), (4, 16), (6, 8), (6, 16) }
        from interlaced in new[] { false, true }
        select new object[] { kind.Color, kind.Bits, interlaced };

    [TestMethod]
    [DynamicData(nameof(PngKinds))]
    public void Read_PngOfEveryKind_GivesThePixels(int color, int bits, bool interlaced)
    {
        var random = new Random(color * 100 + bits);
        byte[] palette = new byte[3 << Math.Min(bits, 8)];
        random.NextBytes(palette);
        // Sizes below 8 leave some passes of the interlace empty.
        foreach ((int height, int width) in new[] { (1, 1), (3, 2), (1, 5), (3, 9), (5, 7), (16, 17), (9, 33) })
        {
            int per = PngFile.SamplesOf(color), channels = color is 0 or 4 ? 1 : 3;
            int[] samples = [.. Enumerable.Range(0, height * width * per).Select(_ => random.Next(1 << bits))];
            string path = folder.Write("a.png",
                PngFile.Write(height, width, color, bits, samples, row => row % 5, interlaced, color == 3 ? palette : null));
            if (interlaced && width < 5)
            {
                Hostile.Refuses(path, DataDiagnostics.UnsupportedImage);
                continue;
            }

            ImageSet image = DataReader.Read(path);
            Assert.AreEqual((1, channels, height, width), (image.Count, image.Channels, image.Height, image.Width));
            for (int i = 0; i < image.Shape.Elements; i++)
            {
                int c = i / (height * width), sample = samples[i % (height * width) * per + (color == 3 ? 0 : c)];
                int value = color == 3 ? palette[3 * sample + c] : bits == 16 ? (sample * 255 + 32767) / 65535
                    : sample * 255 / ((1 << bits) - 1);
                Assert.AreEqual(value, image.PixelsOf(0)[i], $"{height} x {width}, element {i}");
            }
        }
    }

    [TestMethod]
    [DataRow("P2 # a comment\n3 2\n# another\n255\n0 1 2\n253 254 255", 1, "0 1 2 253 254 255")]
    [DataRow("P2\n3 1\n15\n0 7 15 #end\n", 1, "0 119 255")]
    [DataRow("P3\n2 1 255\n1 2 3\t4 5 6\n", 3, "1 4 2 5 3 6")]
    [DataRow("P5 3 1 255\nabc", 1, "97 98 99")]
    [DataRow("P5\r\n3 1\r\n#c\n255 abc\n", 1, "97 98 99")]
    [DataRow("P6\n2 1\n255\nabcdef", 3, "97 100 98 101 99 102")]
    public void Read_Netpbm_GivesThePixels(string text, int channels, string pixels)
    {
        ImageSet image = DataReader.Read(folder.Write(channels == 1 ? "a.pgm" : "a.ppm", Encoding.ASCII.GetBytes(text)));
        Assert.AreEqual(channels, image.Channels);
        Assert.AreEqual(pixels, string.Join(' ', image.PixelsOf(0).ToArray()));
    }

    [TestMethod]
    [DataRow("P4\n8 1\nx", DataDiagnostics.UnsupportedImage)]
    [DataRow("P6\n2 1\n65535\nabcdefabcdef", DataDiagnostics.UnsupportedImage)]
    [DataRow("P6\n0 1\n255\n", DataDiagnostics.BadHeader)]
    [DataRow("P6\n2 -1\n255\n", DataDiagnostics.BadHeader)]
    [DataRow("P6\n2 1\n0\nabcdef", DataDiagnostics.BadHeader)]
    [DataRow("P6\n99999999999 99999999999\n255\nabcdef", DataDiagnostics.TooLarge)]
    [DataRow("P6\n8192 8192\n255\nabcdef", DataDiagnostics.Truncated)]
    [DataRow("P6\n2 1\n255\nabcde", DataDiagnostics.Truncated)]
    [DataRow("P6\n2 1\n255\nabcdefg", DataDiagnostics.TrailingData)]
    [DataRow("P2\n2 1\n255\n1 256", DataDiagnostics.BadValue)]
    [DataRow("P2\n2 1\n255\n1 x", DataDiagnostics.BadHeader)]
    [DataRow("P2\n2 1\n255\n1 ", DataDiagnostics.Truncated)]
    [DataRow("II*\0", DataDiagnostics.UnsupportedImage)]
    [DataRow("", DataDiagnostics.UnsupportedImage)]
    public void Read_FileThatIsNoPicture_IsRefused(string text, string code) =>
        Hostile.Refuses(folder.Write("a.ppm", Encoding.ASCII.GetBytes(text)), code);

    [TestMethod]
    public void Read_BmpAndLosslessWebp_GiveThePixels()
    {
        using Image<Rgb24> image = new(5, 3);
        Random random = new(5);
        byte[] pixels = new byte[45];
        random.NextBytes(pixels);
        for (int i = 0; i < 15; i++)
            image[i % 5, i / 5] = new Rgb24(pixels[i], pixels[15 + i], pixels[30 + i]);
        image.SaveAsBmp(folder.File("a.bmp"));
        image.SaveAsWebp(folder.File("a.webp"), new WebpEncoder { FileFormat = WebpFileFormatType.Lossless });
        foreach (string name in new[] { "a.bmp", "a.webp" })
        {
            ImageSet read = DataReader.Read(folder.File(name));
            Assert.AreEqual((3, 3, 5), (read.Channels, read.Height, read.Width));
            CollectionAssert.AreEqual(pixels, read.PixelsOf(0).ToArray(), name);
        }
    }

    [TestMethod]
    public void Read_AnimatedGif_GivesTheFirstPicture()
    {
        using Image<Rgb24> image = new(2, 2, new Rgb24(10, 20, 30)), second = new(2, 2, new Rgb24(200, 100, 0));
        image.Frames.AddFrame(second.Frames.RootFrame);
        image.SaveAsGif(folder.File("a.gif"));
        CollectionAssert.AreEqual(new byte[] { 10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30 },
            DataReader.Read(folder.File("a.gif")).PixelsOf(0).ToArray());
    }

    [TestMethod]
    public void Read_PictureWithExifOrientation_IsTurned()
    {
        using Image<Rgb24> image = new(2, 1);
        (image[0, 0], image[1, 0]) = (new Rgb24(1, 2, 3), new Rgb24(4, 5, 6));
        image.Metadata.ExifProfile = new ExifProfile();
        image.Metadata.ExifProfile.SetValue(ExifTag.Orientation, (ushort)6); // a quarter turn clockwise
        image.SaveAsPng(folder.File("a.png"));
        ImageSet read = DataReader.Read(folder.File("a.png"));
        Assert.AreEqual((2, 1), (read.Height, read.Width));
        CollectionAssert.AreEqual(new byte[] { 1, 4, 2, 5, 3, 6 }, read.PixelsOf(0).ToArray());
    }

    [TestMethod]
    public void Read_BmpAndGifWithHugeSize_AreRefusedWithoutAllocating()
    {
        using Image<Rgb24> image = new(2, 2);
        image.SaveAsBmp(folder.File("a.bmp"));
        image.SaveAsGif(folder.File("a.gif"));
        foreach ((string name, int width) in new[] { ("a.bmp", 18), ("a.gif", 6) })
        {
            byte[] bytes = File.ReadAllBytes(folder.File(name));
            int height = width == 6 ? 8 : 22; // behind the width, of 2 or 4 bytes
            (bytes[width], bytes[width + 1], bytes[height], bytes[height + 1]) = (0xFF, 0x7F, 0xFF, 0x7F);
            string path = folder.Write(name, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Hostile.Refuses(path, DataDiagnostics.TooLarge);
            Assert.IsLessThan(1L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [TestMethod]
    public void Read_PngThatLies_IsRefusedWithoutAllocating()
    {
        byte[] good = PngFile.Write(2, 2, 2, 8, new int[12], _ => 0);
        byte[] wrong = [.. good];
        wrong[30] ^= 1;
        Refuses(wrong, DataDiagnostics.Damaged);
        Refuses(Picture(Header(8192, 8192, 8, 2), PngFile.Zlib(new byte[100])), DataDiagnostics.Truncated);
        Refuses(Picture(Header(1 << 14, 1 << 14, 8, 2), PngFile.Zlib(new byte[100])), DataDiagnostics.TooLarge);
        Refuses(Picture(Header(-1, 1, 8, 2), []), DataDiagnostics.TooLarge);
        Refuses(Picture(Header(0, 1, 8, 2), []), DataDiagnostics.BadHeader);
        Refuses(Picture(Header(1, 1, 3, 2), []), DataDiagnostics.BadHeader);
        Refuses(Picture(Header(1, 1, 8, 3), PngFile.Zlib([0, 0])), DataDiagnostics.Damaged);
        Refuses(Picture(Header(1, 1, 8, 0), PngFile.Zlib([5, 0])), DataDiagnostics.Damaged);
        Refuses(Picture(Header(1, 1, 8, 0), [1, 2, 3, 4]), DataDiagnostics.Damaged);
        Refuses(Picture(Header(1, 1, 8, 0), PngFile.Zlib([0])), DataDiagnostics.Truncated);
        Refuses(Picture(Header(1, 1, 8, 0), [0x78, 0xBB, .. new byte[8]]), DataDiagnostics.Damaged);
        // A bomb: 100 MB of zeros behind one pixel.
        Refuses(Picture(Header(1, 1, 8, 0), PngFile.Zlib(new byte[100_000_000])), DataDiagnostics.TrailingData);
        Refuses([.. Signature, .. PngFile.Chunk("IEND", [])], DataDiagnostics.BadHeader);
        for (int length = 8; length < good.Length; length++)
            Refuses(good[..length], DataDiagnostics.Truncated);

        void Refuses(byte[] bytes, string code)
        {
            string path = folder.Write("a.png", bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Hostile.Refuses(path, code);
            Assert.IsLessThan(1L << 21, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [TestMethod]
    public void Read_FolderAndZip_GiveTheSameImagesByOrdinalName()
    {
        string[] names = ["b.pgm", "B.pgm", "a/z.pgm", "a.pgm", "10.pgm", "9.pgm"];
        Directory.CreateDirectory(folder.File("set/a"));
        using (ZipArchive zip = ZipFile.Open(folder.File("set.zip"), ZipArchiveMode.Create))
            foreach (string name in names)
            {
                folder.Write($"set/{name}", Gray(name.Length));
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(Gray(name.Length));
            }

        folder.Write("set/notes.txt", [1]);
        foreach (string path in new[] { folder.File("set"), folder.File("set.zip") })
        {
            ImageSet images = DataReader.Read(path);
            CollectionAssert.AreEqual(new[] { "10.pgm", "9.pgm", "B.pgm", "a.pgm", "a/z.pgm", "b.pgm" }, images.Names!.ToArray());
            CollectionAssert.AreEqual(images.Names!.Select(name => (byte)name.Length).ToArray(),
                Enumerable.Range(0, 6).Select(n => images.PixelsOf(n)[0]).ToArray());
            Assert.HasCount(2, DataReader.Read(path, new DataOptions { Count = 2 }).Names!);

            ImageSet labeled = DataReader.Read(path, Labels("name,class\nb.pgm,7\nz.pgm,3\n"));
            CollectionAssert.AreEqual(new[] { "b.pgm", "a/z.pgm" }, labeled.Names!.ToArray());
            CollectionAssert.AreEqual(new[] { 7, 3 }, labeled.Labels);
            CollectionAssert.AreEqual(new[] { 1, 2, 3, 4, 5, 6 }, DataReader.Read(path, Labels("1\n2\n3\n4\n5\n6\n")).Labels);
            Hostile.Refuses(path, DataDiagnostics.LabelMismatch, Labels("1\n2\n"));
            Hostile.Refuses(path, DataDiagnostics.LabelMismatch, Labels("b.pgm,1\nc.pgm,2\n"));
            Hostile.Refuses(path, DataDiagnostics.LabelMismatch, Labels("b.pgm,1\nb.pgm,2\n"));
        }

        DataOptions Labels(string text) => new() { LabelsPath = folder.Write("labels.csv", Encoding.ASCII.GetBytes(text)) };
    }

    [TestMethod]
    public void Read_ZipThatLies_IsRefused()
    {
        Hostile.Refuses(folder.Write("a.zip", [1, 2, 3]), DataDiagnostics.Damaged);
        Directory.CreateDirectory(folder.File("empty"));
        Hostile.Refuses(folder.File("empty"), DataDiagnostics.Empty);
        byte[] good = Zip("a.pgm", Gray(1));
        Hostile.Refuses(folder.Write("b.zip", Zip("a.txt", Gray(1))), DataDiagnostics.Empty);
        int central = good.AsSpan().IndexOf("PK\x01\x02"u8);
        foreach (int field in (int[])[16, 24]) // CRC and unpacked length of the central entry
            for (int bit = 0; bit < 32; bit++)
            {
                byte[] mutant = [.. good];
                mutant[central + field + bit / 8] ^= (byte)(1 << bit % 8);
                Assert.ThrowsExactly<Compiler.Diagnostics.EbspException>(() => DataReader.Read(folder.Write("c.zip", mutant)),
                    $"field {field}, bit {bit}");
            }
    }

    [TestMethod]
    public void Read_SetOfTwoSizes_NamesThePictureThatDiffers()
    {
        Directory.CreateDirectory(folder.File("set"));
        folder.Write("set/a.pgm", "P5 2 2 255\nabcd"u8);
        folder.Write("set/b.pgm", "P5 3 2 255\nabcdef"u8);
        ImageSet images = DataReader.Read(folder.File("set"));
        var refusal = Assert.ThrowsExactly<Compiler.Diagnostics.EbspException>(() => images.PixelsOf(1));
        Assert.AreEqual(DataDiagnostics.SizeMismatch, refusal.Diagnostics[0].Code);
        Assert.EndsWith("b.pgm", refusal.Diagnostics[0].File);
        Assert.AreEqual("abde",
            Encoding.ASCII.GetString(DataReader.Read(folder.File("set"), new DataOptions { Crop = new ImageSize(2) }).PixelsOf(1)));
    }

    [TestMethod]
    public void Read_WithCrop_KeepsTheCenterWithTheFirstRowRoundedDown()
    {
        byte[] pixels = [.. Enumerable.Range(0, 3 * 5 * 7).Select(i => (byte)i)];
        NpyFile.Write(folder.File("a.npy"), new NpyArray([1, 3, 5, 7], pixels));
        ImageSet cropped = DataReader.Read(folder.File("a.npy"), new DataOptions { Crop = new ImageSize(2, 4) });
        Assert.AreEqual((3, 2, 4), (cropped.Channels, cropped.Height, cropped.Width));
        for (int i = 0; i < 24; i++)
            Assert.AreEqual(i / 8 * 35 + (1 + i / 4 % 2) * 7 + 1 + i % 4, cropped.PixelsOf(0)[i]);
        NpyFile.Write(folder.File("f.npy"), new NpyArray([1, 1, 2, 2], new float[4]));
        Hostile.Refuses(folder.File("f.npy"), DataDiagnostics.BadOption, new DataOptions { Crop = new ImageSize(1) });
    }

    [TestMethod]
    public void Read_WithOneNumberToResize_KeepsTheRatioOfTheSides()
    {
        string wide = folder.Write("a.pgm", [.. "P5 9 4 255\n"u8, .. new byte[36]]),
            high = folder.Write("b.pgm", [.. "P5 4 9 255\n"u8, .. new byte[36]]);
        ImageSet a = DataReader.Read(wide, new DataOptions { Resize = new ImageSize(3) }),
            b = DataReader.Read(high, new DataOptions { Resize = new ImageSize(3), Crop = new ImageSize(3) });
        Assert.AreEqual((3, 6), (a.Height, a.Width));
        Assert.AreEqual((3, 3), (b.Height, b.Width));
        string thin = folder.Write("c.pgm", [.. "P5 1 5000 255\n"u8, .. new byte[5000]]);
        Hostile.Refuses(thin, DataDiagnostics.TooLarge, new DataOptions { Resize = new ImageSize(1, 65535) });
        ImageSet c = DataReader.Read(wide, new DataOptions { Resize = new ImageSize(8, 2) });
        Assert.AreEqual((8, 2), (c.Height, c.Width));
    }

    [TestMethod]
    public void Read_WithChannels_RepeatsGrayAndTakesTheLumaOfColor()
    {
        string color = folder.Write("a.ppm", "P3 3 1 255 255 0 0 0 0 255 9 9 9"u8), gray = folder.Write("a.pgm", "P2 2 1 255 5 6"u8);
        // 0.299 * 255 = 76.2, 0.114 * 255 = 29.1.
        CollectionAssert.AreEqual(new byte[] { 76, 29, 9 }, DataReader.Read(color, new DataOptions { Channels = 1 }).PixelsOf(0).ToArray());
        CollectionAssert.AreEqual(new byte[] { 5, 6, 5, 6, 5, 6 },
            DataReader.Read(gray, new DataOptions { Channels = 3 }).PixelsOf(0).ToArray());
    }

    private static byte[] Signature => [0x89, .. "PNG\r\n\x1A\n"u8];

    private static byte[] Header(int height, int width, byte bits, byte color) =>
        [(byte)(width >> 24), (byte)(width >> 16), (byte)(width >> 8), (byte)width, (byte)(height >> 24), (byte)(height >> 16),
            (byte)(height >> 8), (byte)height, bits, color, 0, 0, 0];

    private static byte[] Picture(byte[] header, byte[] packed) =>
        [.. Signature, .. PngFile.Chunk("IHDR", header), .. PngFile.Chunk("IDAT", packed), .. PngFile.Chunk("IEND", [])];

    private static byte[] Gray(int value) => [.. "P5 2 2 255\n"u8, (byte)value, 0, 0, 0];

    internal static byte[] Zip(string name, byte[] content)
    {
        using var stream = new MemoryStream();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry(name).Open();
            entry.Write(content);
        }

        return stream.ToArray();
    }
}

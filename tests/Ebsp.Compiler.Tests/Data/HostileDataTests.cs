using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>Malformed files: each gives its diagnostic, never another exception.</summary>
[TestClass]
public sealed class HostileDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("absent.npy", DataDiagnostics.Unreadable)]
    [DataRow("absent/absent.bin", DataDiagnostics.Unreadable)]
    [DataRow("zero\0.bin", DataDiagnostics.Unreadable)]
    [DataRow("", DataDiagnostics.Empty)]
    [DataRow("cat.jpeg", DataDiagnostics.Unreadable)]
    [DataRow("val500.zip", DataDiagnostics.Unreadable)]
    [DataRow("cat.tiff", DataDiagnostics.UnknownFormat)]
    public void Read_OfAPathThatIsNoData_IsRefused(string name, string code) => Hostile.Refuses(folder.File(name), code);

    [TestMethod]
    public void Read_OfAnUnknownFormat_ListsWhatIsRead()
    {
        string fix = Hostile.Refuses(folder.Write("a.tiff", [1]), DataDiagnostics.UnknownFormat).Fix;
        foreach (string format in (string[])[".png", ".jpg", ".gif", ".webp", ".ppm", "zip", ".med.br", ".bin", "IDX", ".csv", ".npy"])
            Assert.Contains(format, fix);
    }

    [TestMethod]
    public void Read_OfOptionsOutOfRange_IsRefused()
    {
        string path = folder.Write("a.bin", new byte[3073]);
        Hostile.Refuses(path, DataDiagnostics.BadOption, new DataOptions { Count = 0 });
        Hostile.Refuses(path, DataDiagnostics.BadOption, new DataOptions { Size = (0, 8) });
        Hostile.Refuses(path, DataDiagnostics.BadOption, new DataOptions { LabelOffset = -1 });
        Hostile.Refuses(path, DataDiagnostics.BadOption, new DataOptions { Resize = new ImageSize(0) });
        Hostile.Refuses(path, DataDiagnostics.BadOption, new DataOptions { Crop = new ImageSize(1, 65536) });
        Hostile.Refuses(path, DataDiagnostics.BadOption, new DataOptions { Crop = new ImageSize(33) });
        Hostile.Refuses(path, DataDiagnostics.TooLarge, new DataOptions { Resize = new ImageSize(65535) });
    }

    [TestMethod]
    public void Read_OfATruncatedFile_IsRefusedAtEveryByte()
    {
        var random = new Random(1);
        byte[] pixels = new byte[3 * 3072];
        random.NextBytes(pixels);
        byte[] idx = Idx(2051, 3, 4, 4, pixels.AsSpan(0, 48));
        byte[] csv = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Range(0, 3)
            .Select(i => string.Concat(Enumerable.Range(0, 64).Select(p => $"{(p + i) % 17},")) + $"{i}\n")));
        using var npy = new MemoryStream();
        NpyFile.Write(npy, new NpyArray([3, 1, 4, 4], pixels[..48]));
        (string Name, byte[] Bytes)[] files =
        [
            ("x-rgb4.med.br", Brotli(pixels.AsSpan(0, 3 * 48))), ("x-idx3-ubyte", idx), ("x-idx3-ubyte.gz", Gzip(idx)),
            ("x.csv.gz", Gzip(csv)), ("x.npy", npy.ToArray()),
        ];
        foreach ((string name, byte[] bytes) in files)
        {
            Assert.AreEqual(3, DataReader.Read(folder.Write(name, bytes)).Count, name);
            for (int length = 0; length < bytes.Length; length++)
                Assert.ThrowsExactly<EbspException>(() => DataReader.Read(folder.Write(name, bytes.AsSpan(0, length))),
                    $"{name} cut to {length} bytes");
        }
        foreach (int length in (int[])[1, 3072, 3074, 6145])
            Hostile.Refuses(folder.Write("x.bin", new byte[length]), DataDiagnostics.Truncated);
        Hostile.Refuses(folder.Write("x.bin", []), DataDiagnostics.Empty);
    }

    [TestMethod]
    public void Read_OfFlippedBytes_ThrowsNothingButDiagnostics()
    {
        var random = new Random(2);
        byte[] pixels = new byte[3 * 48];
        random.NextBytes(pixels);
        byte[] idx = Idx(2051, 3, 4, 4, pixels.AsSpan(0, 48));
        using var npy = new MemoryStream();
        NpyFile.Write(npy, new NpyArray([3, 1, 4, 4], pixels[..48]));
        (string Name, byte[] Bytes)[] files =
            [("x-rgb4.med.br", Brotli(pixels)), ("x-idx3-ubyte", idx), ("x-idx3-ubyte.gz", Gzip(idx)), ("x.npy", npy.ToArray()),
                ("x.csv", "1,2,3\n"u8.ToArray())];
        int refused = 0;
        foreach ((string name, byte[] bytes) in files)
            for (int i = 0; i < LongMode.Count(300, 20000); i++)
            {
                byte[] mutant = [.. bytes];
                for (int flips = random.Next(1, 4); flips > 0; flips--)
                    mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
                try
                {
                    DataReader.Read(folder.Write(name, mutant));
                }
                catch (EbspException)
                {
                    refused++;
                }
            }
        Assert.IsGreaterThan(300, refused);
    }

    [TestMethod]
    public void Read_OfIdxHeadersThatLie_IsRefusedWithoutAllocating()
    {
        byte[] data = new byte[64];
        Refuses(Idx(2049, 4, 4, 4, data), DataDiagnostics.BadHeader);
        Refuses(Idx(2051, 0, 4, 4, data), DataDiagnostics.BadHeader);
        Refuses(Idx(2051, -1, 4, 4, data), DataDiagnostics.BadHeader);
        Refuses(Idx(2051, 5, 4, 4, data), DataDiagnostics.Truncated);
        Refuses(Idx(2051, 3, 4, 4, data), DataDiagnostics.TrailingData);
        Refuses(Idx(2051, int.MaxValue, int.MaxValue, int.MaxValue, data), DataDiagnostics.TooLarge);
        // Two images of 2^29 bytes would fit the limit, but not into this file.
        Refuses(Idx(2051, 2, 1 << 14, 1 << 15, data), DataDiagnostics.Truncated);

        void Refuses(byte[] bytes, string code)
        {
            string plain = folder.Write("x-idx3", bytes), gzip = folder.Write("x-idx3.gz", Gzip(bytes));
            long before = GC.GetAllocatedBytesForCurrentThread();
            Hostile.Refuses(plain, code);
            Hostile.Refuses(gzip, code);
            Assert.IsLessThan(1L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [TestMethod]
    public void Read_OfCompressedNoise_IsRefused()
    {
        byte[] noise = new byte[1000];
        new Random(3).NextBytes(noise);
        noise[0] = 0xff;
        Hostile.Refuses(folder.Write("x.med.br", noise), DataDiagnostics.Damaged);
        Hostile.Refuses(folder.Write("x-idx3.gz", noise), DataDiagnostics.Damaged);
        Hostile.Refuses(folder.Write("x.csv.gz", noise), DataDiagnostics.Damaged);
    }

    [TestMethod]
    public void Read_OfMedThatIsNoCifar_IsRefused()
    {
        Hostile.Refuses(folder.Write("x.med.br", Brotli(new byte[3072])), DataDiagnostics.Truncated);
        Hostile.Refuses(folder.Write("x.med.br", Brotli([])), DataDiagnostics.Empty);
        Hostile.Refuses(folder.Write("x.med.br", Brotli([10, .. new byte[3072]])), DataDiagnostics.BadValue);
        Hostile.Refuses(folder.Write("x.med.br", [.. Brotli(new byte[3073]), 0]), DataDiagnostics.TrailingData);
        Hostile.Refuses(folder.Write("x-rgb65535.med.br", Brotli(new byte[3073])), DataDiagnostics.TooLarge);
        Hostile.Refuses(folder.Write("y.med.br", Brotli(new byte[3073])), DataDiagnostics.TooLarge,
            new DataOptions { Size = (65535, 65535) });
        ImageSet sized = DataReader.Read(folder.Write("z.med.br", Brotli(new byte[3 * 6])), new DataOptions { Size = (2, 3) });
        Assert.AreEqual((1, 2, 3), (sized.Count, sized.Height, sized.Width));
    }

    [TestMethod]
    public void Read_OfABrotliBomb_StopsAtTheLimit()
    {
        LongMode.Require();
        // 1.2 GB of zeros in about a kilobyte.
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            for (int i = 0; i < 1200; i++)
                brotli.Write(new byte[3 * 512 * 683]);
        Hostile.Refuses(folder.Write("x-rgb512.med.br", packed.ToArray()), DataDiagnostics.TooLarge);
    }

    [TestMethod]
    [DataRow("1,2,3\n")]
    [DataRow("x\n")]
    [DataRow("17,L\n")]
    [DataRow("0,P63,10\n")]
    [DataRow("0,P63,1,1\n")]
    [DataRow("0,P63,\n")]
    [DataRow("0,P63,-1\n")]
    [DataRow("0,P63,99999999999999999999\n")]
    public void Read_OfCsvThatIsNoDigits_NamesTheLine(string text)
    {
        string good = string.Concat(Enumerable.Repeat("0,", 64)) + "1\r\n";
        string bad = text.Replace("P63", string.Join(',', Enumerable.Repeat("16", 63)));
        Assert.AreEqual("line 2",
            Hostile.Refuses(folder.Write("x.csv", Encoding.ASCII.GetBytes(good + bad)), DataDiagnostics.BadValue).Node);
        Assert.AreEqual(1, DataReader.Read(folder.File("x.csv"), new DataOptions { Count = 1 }).Count);
    }

    [TestMethod]
    public void Read_OfEmptyCsv_IsRefused() => Hostile.Refuses(folder.Write("x.csv", "\n\n"u8), DataDiagnostics.Empty);

    [TestMethod]
    [DataRow("file,label\na,3\nb,4\n", null)]
    [DataRow("3\n4\n5\n", null)]
    [DataRow("a,3\n", DataDiagnostics.LabelMismatch)]
    [DataRow("a,3\nb,x\n", DataDiagnostics.BadValue)]
    [DataRow("a,-3\nb,4\nc,5\n", DataDiagnostics.BadValue)]
    [DataRow("", DataDiagnostics.LabelMismatch)]
    public void Read_OfLabelsInText_TakesThemOrNamesTheFault(string text, string? code)
    {
        string images = folder.Write("x-idx3", Idx(2051, 2, 1, 1, [7, 8]));
        var options = new DataOptions { LabelsPath = folder.Write("labels.csv", Encoding.UTF8.GetBytes(text)) };
        if (code is not null)
            Assert.AreEqual(options.LabelsPath, Hostile.Refuses(images, code, options).File);
        else
            CollectionAssert.AreEqual(new[] { 3, 4 }, DataReader.Read(images, options).Labels);
    }

    [TestMethod]
    public void Read_OfIdxLabelsBeside_MustHaveTheSameCount()
    {
        string images = folder.Write("t-images-idx3", Idx(2051, 2, 1, 1, [7, 8]));
        Assert.IsNull(DataReader.Read(images).Labels);
        folder.Write("t-labels-idx1.gz", Gzip(Idx(2049, 2, [5, 6])));
        CollectionAssert.AreEqual(new[] { 5, 6 }, DataReader.Read(images).Labels);
        CollectionAssert.AreEqual(new[] { 5 }, DataReader.Read(images, new DataOptions { Count = 1 }).Labels);
        folder.Write("t-labels-idx1", Idx(2049, 3, [5, 6, 7]));
        Hostile.Refuses(images, DataDiagnostics.LabelMismatch);
        folder.Write("t-labels-idx1", Idx(2049, 2, [5]));
        Hostile.Refuses(images, DataDiagnostics.Truncated);
    }

    private static byte[] Idx(int magic, int n, int h, int w, ReadOnlySpan<byte> data) => [.. Words(magic, n, h, w), .. data];

    private static byte[] Idx(int magic, int n, ReadOnlySpan<byte> data) => [.. Words(magic, n), .. data];

    private static byte[] Words(params int[] words)
    {
        byte[] bytes = new byte[4 * words.Length];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), words[i]);
        return bytes;
    }

    private static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Brotli(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            brotli.Write(bytes);
        return packed.ToArray();
    }
}

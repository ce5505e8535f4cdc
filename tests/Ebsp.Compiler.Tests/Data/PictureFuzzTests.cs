using System.IO.Hashing;
using System.Text;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Data.Images;
using Ebsp.Compiler.Diagnostics;
using Ebsp.TestKit;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>Changed and cut files of every picture format: a picture or a diagnostic, no other exception, no endless loop.</summary>
[TestClass]
public sealed class PictureFuzzTests
{
    [TestMethod]
    [DataRow("420.jpg")]
    [DataRow("422-restart.jpg")]
    [DataRow("progressive.jpg")]
    [DataRow("a.bmp")]
    [DataRow("a.gif")]
    [DataRow("a.webp")]
    [DataRow("a.png")]
    [DataRow("b.png")]
    [DataRow("a.ppm")]
    [DataRow("b.ppm")]
    [DataRow("a.zip")]
    public void Decode_OfMutants_ThrowsNothingButDiagnostics(string name)
    {
        var random = new Random(11);
        byte[] good = Good(name);
        int refused = 0, count = LongMode.Count(500, 20_000);
        using TemporaryFolder folder = new();
        for (int i = 0; i < count; i++)
        {
            byte[] mutant = [.. good];
            for (int changes = random.Next(1, 5); changes > 0; changes--)
                mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            if (i % 4 == 0)
                mutant = mutant[..random.Next(mutant.Length)];
            // Most mutants of a PNG fall at their checksum: here half of them have it mended.
            if (name.EndsWith(".png", StringComparison.Ordinal) && i % 2 == 1)
                MendChecksums(mutant);
            try
            {
                if (name.EndsWith(".zip", StringComparison.Ordinal))
                    DataReader.Read(folder.Write(name, mutant));
                else
                    ImageDecoder.Decode(mutant, new ImageOrigin(name, null));
            }
            catch (EbspException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(count / 10, refused);
        Console.WriteLine($"{name}: {refused} of {count} refused");
    }

    private static byte[] Good(string name)
    {
        var random = new Random(12);
        int[] samples = [.. Enumerable.Range(0, 3 * 13 * 11).Select(_ => random.Next(256))];
        return name switch
        {
            "a.png" => PngFile.Write(13, 11, 2, 8, samples, row => row % 5),
            "b.png" => PngFile.Write(13, 11, 3, 4, [.. samples.Take(13 * 11).Select(s => s % 16)], row => row % 5, interlaced: true,
                palette: new byte[48]),
            "a.ppm" => [.. "P6\n11 13\n255\n"u8, .. samples.Select(s => (byte)s)],
            "b.ppm" => Encoding.ASCII.GetBytes("P3 # text\n11 13 255\n" + string.Join(' ', samples)),
            "a.bmp" => Encode(samples, (image, stream) => image.SaveAsBmp(stream)),
            "a.gif" => Encode(samples, (image, stream) => image.SaveAsGif(stream)),
            "a.webp" => Encode(samples, (image, stream) => image.SaveAsWebp(stream)),
            "a.zip" => PictureTests.Zip("a.ppm", Good("a.ppm")),
            _ => File.ReadAllBytes(TestData.Repository($"tests/Ebsp.Compiler.Tests/Data/Jpegs/{name}")),
        };
    }

    private static byte[] Encode(int[] samples, Action<Image<Rgb24>, Stream> save)
    {
        using Image<Rgb24> image = Image.LoadPixelData<Rgb24>([.. samples.Select(s => (byte)s)], 11, 13);
        using MemoryStream stream = new();
        save(image, stream);
        return stream.ToArray();
    }

    private static void MendChecksums(byte[] png)
    {
        for (long at = 8; at + 12 <= png.Length;)
        {
            long length = (uint)(png[at] << 24 | png[at + 1] << 16 | png[at + 2] << 8 | png[at + 3]);
            if (at + 12 + length > png.Length)
                return;
            uint crc = Crc32.HashToUInt32(png.AsSpan((int)at + 4, (int)length + 4));
            for (int i = 0; i < 4; i++)
                png[at + 8 + length + i] = (byte)(crc >> (24 - 8 * i));
            at += 12 + length;
        }
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>A consumer's use of the digits network, and what ebspc answers to the same pictures.</summary>
internal static class DigitsUse
{
    private const int Images = 100;

    /// <summary>Reads pixels from the file that is named by the first argument and prints a digest of all scores.</summary>
    public const string Program = """
        using System.Runtime.InteropServices;
        using System.Security.Cryptography;

        byte[] pixels = File.ReadAllBytes(args[0]);
        float[] scores = DigitsModel.Load().Run(pixels);
        Console.WriteLine(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(scores.AsSpan()))));
        """;

    /// <summary>The item with the float network, which calls for calibration.</summary>
    public const string FloatItem = """<EbspModel Include="digits.onnx" Scale="1/16" Calibration="digits-calibration.csv.gz" />""";

    /// <summary>The item with the quantized network.</summary>
    public const string IntegerItem = """<EbspModel Include="digits.pb" />""";

    private static readonly Lazy<string> Expected = new(Answers);

    /// <summary>The digest of the scores of ebspc.</summary>
    public static string Digest => Expected.Value;

    /// <summary>The file of pixels, which the run's folder holds.</summary>
    public static string PixelFile
    {
        get
        {
            string path = Path.Combine(LocalFeed.Instance.Folder, "pixels");
            if (!File.Exists(path))
                File.WriteAllBytes(path, DataReader.Read(DigitsModel.HeldOut, new DataOptions { Count = Images }).Pixels);
            return path;
        }
    }

    /// <summary>Writes the quantized network.</summary>
    public static Consumer WithIntegers(this Consumer consumer, string path = "digits.pb") => consumer.Write(path, DigitsModel.Integers);

    /// <summary>Writes the float network and its calibration data.</summary>
    public static Consumer WithFloats(this Consumer consumer, string folder = "") => consumer
        .Copy(DigitsModel.Onnx, Path.Combine(folder, "digits.onnx"))
        .Copy(DigitsModel.Calibration, Path.Combine(folder, "digits-calibration.csv.gz"));

    /// <summary>Runs a built app from the root folder and compares its digest.</summary>
    /// <param name="consumer">Whose app.</param>
    /// <param name="path">The app's dll or its executable, below the consumer's folder.</param>
    public static void ExpectAnswers(this Consumer consumer, string path)
    {
        string file = consumer.File(path);
        Assert.IsTrue(File.Exists(file), file);
        string root = Path.GetPathRoot(file)!;
        ProcessResult result = path.EndsWith(".dll", StringComparison.Ordinal)
            ? DotNet.Run(root, LocalFeed.Instance.Environments, "exec", file, PixelFile)
            : DotNet.Finish(DotNet.Start(file, root, LocalFeed.Instance.Environments, PixelFile));
        Assert.AreEqual(Digest, result.Expect(0).Out.Trim(), path);
    }

    /// <summary>The float network with other bytes and the same answers: a letter of its name differs.</summary>
    public static byte[] FloatVariant(char letter)
    {
        byte[] variant = File.ReadAllBytes(DigitsModel.Onnx);
        for (int at = 0, next; (next = variant.AsSpan(at).IndexOf("digits"u8)) >= 0; at += next)
            variant[at + next] = (byte)letter;
        return variant;
    }

    /// <summary>The quantized network with other bytes and the same answers.</summary>
    public static byte[] IntegerVariant(char letter)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("variant.pb");
        Ebspc.Run("quantize", folder.Write("variant.onnx", FloatVariant(letter)), "--scale", "1/16", "--calibration",
            DigitsModel.Calibration,
            "-o", path).Expect(0);
        return File.ReadAllBytes(path);
    }

    private static string Answers()
    {
        using TemporaryFolder folder = new();
        string scores = folder.File("scores.npy");
        Ebspc.Run("run", folder.Write("digits.ebsp", DigitsModel.Program), "--input", DigitsModel.HeldOut, "--count", $"{Images}", "-o",
            scores).Expect(0);
        return Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(((float[])NpyFile.Read(scores).Data).AsSpan())));
    }
}

using Ebsp.TestKit.Calling;

namespace Ebsp.TestKit.Networks;

/// <summary>The digits network in every form, made once by the command line.</summary>
public static class DigitsModel
{
    private static readonly Lazy<byte[]> FloatFile = new(() => Make(path => Ebspc.Run("import", Onnx, "--scale", "1/16", "-o", path)));
    private static readonly Lazy<byte[]> IntegerFile = new(() => Make(path =>
        Ebspc.Run("quantize", Onnx, "--scale", "1/16", "--calibration", Calibration, "-o", path)));
    private static readonly Lazy<byte[]> ProgramFile = new(() => Make(path =>
    {
        using TemporaryFolder folder = new();
        return Ebspc.Run("compile", folder.Write("digits.q.pb", Integers), "-o", path);
    }));

    public static string Onnx => TestData.Repository("samples/Digits/digits.onnx");

    public static string Calibration => TestData.Repository("samples/Digits/digits-calibration.csv.gz");

    public static string HeldOut => TestData.Repository("samples/Digits/digits-heldout.csv.gz");

    /// <summary>The float .pb.</summary>
    public static byte[] Floats => FloatFile.Value;

    /// <summary>The quantized .pb.</summary>
    public static byte[] Integers => IntegerFile.Value;

    /// <summary>The program for the default machine.</summary>
    public static byte[] Program => ProgramFile.Value;

    private static byte[] Make(Func<string, CliResult> run)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("made");
        run(path).Expect(0);
        return File.ReadAllBytes(path);
    }
}

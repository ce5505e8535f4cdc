using System.Text;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>Bad input: code, place, exit code, and nothing written.</summary>
[TestClass]
public sealed class RefusalTests
{
    [TestMethod]
    public void Inspect_AbsentFile_NamesThePathAndTheNearestName()
    {
        using TemporaryFolder folder = new();
        folder.Write("digits.ebsp", DigitsModel.Program);
        CliResult result = Ebspc.Run("inspect", folder.File("digit.ebsp")).Expect(6);
        Assert.Contains("error EBSP1001", result.Error);
        Assert.Contains(folder.File("digit.ebsp"), result.Error);
        Assert.Contains("Did you mean 'digits.ebsp'?", result.Error);
    }

    [TestMethod]
    public void Import_FileOfAnotherKind_NamesTheKind()
    {
        using TemporaryFolder folder = new();
        foreach ((byte[] content, string kind) in new (byte[], string)[]
        {
            ("PK\u0003\u0004abcd"u8.ToArray(), "zip archive"),
            ("<!doctype html><html>"u8.ToArray(), "HTML page"),
            ([], "an empty file"),
            ([0x1F, 0x8B, 8, 0], "gzip archive"),
        })
        {
            CliResult result = Ebspc.Run("import", folder.Write("net.onnx", content), "-o", folder.File("net.pb")).Expect(3);
            Assert.Contains("error EBSP1002: this is ", result.Error);
            Assert.Contains(kind, result.Error);
        }

        Assert.IsFalse(File.Exists(folder.File("net.pb")));
    }

    [TestMethod]
    public void Verbs_FileOfAnotherStep_IsRefusedWithItsKind()
    {
        using TemporaryFolder folder = new();
        string floats = folder.Write("digits.pb", DigitsModel.Floats), program = folder.Write("digits.ebsp", DigitsModel.Program);
        Assert.Contains("EBSP7102: this is a float .pb, and `ebspc disasm` takes", Ebspc.Run("disasm", floats).Expect(3).Error);
        Assert.Contains("EBSP7102: this is an .ebsp program", Ebspc.Run("compile", program, "-o", folder.File("x")).Expect(3).Error);
        Assert.Contains("error EBSP7114: ", Ebspc.Run("compile", floats, "-o", folder.File("x")).Expect(2).Error);
    }

    [TestMethod]
    public void Check_OperatorsThatDoNotMap_AreListedAtOnce()
    {
        using TemporaryFolder folder = new();
        // An operator of the same length that ONNX has and the machine has not.
        string digits = Encoding.Latin1.GetString(File.ReadAllBytes(DigitsModel.Onnx)).Replace("Relu", "STFT", StringComparison.Ordinal);
        CliResult result = Ebspc.Run("check", folder.Write("stft.onnx", Encoding.Latin1.GetBytes(digits)), "--json").Expect(3);
        Assert.IsFalse((bool)result.Json["result"]!["supported"]!);
        Assert.HasCount(1, result.Json["diagnostics"]!.AsArray());
        Assert.Contains("error EBSP1005", result.Error);
    }

    [TestMethod]
    public void Run_TruncatedPb_IsRefusedAtEveryLength()
    {
        using TemporaryFolder folder = new();
        byte[] whole = DigitsModel.Integers;
        for (int length = 0; length < whole.Length; length += whole.Length / 40)
        {
            string path = folder.Write("cut.q.pb", whole.AsSpan(0, length));
            Assert.Contains("error EBSP1", Ebspc.Run("inspect", path).Expect(3).Error, $"{length} bytes");
        }
    }

    [TestMethod]
    public void Inspect_DamagedProgram_NamesCodeAndSection()
    {
        using TemporaryFolder folder = new();
        byte[] damaged = [.. DigitsModel.Program];
        damaged[^1] ^= 1;
        CliResult result = Ebspc.Run("inspect", folder.Write("damaged.ebsp", damaged)).Expect(3);
        Assert.Contains("error EBSP4002: section provenance at byte ", result.Error);
        Assert.Contains("damaged.ebsp: ", result.Error);
        Ebspc.Run("run", folder.Write("cut.ebsp", damaged.AsSpan(0, 1000)), "--input", DigitsModel.HeldOut).Expect(3);
    }

    [TestMethod]
    public void Run_AnotherMachine_NamesTheStructuralFields()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        CliResult result = Ebspc.Run("run", program, "--input", DigitsModel.HeldOut, "--arch", "small-16").Expect(3);
        Assert.Contains("error EBSP4009", result.Error);
        Assert.Contains("rows, columns, bufferBytes, psumBytes", result.Error);

        string slow = folder.Write("slow.json", """{"name":"slow","dramBytesPerSecond":1000000000}"""u8);
        var timing = Ebspc.Run("run", program, "--input", DigitsModel.HeldOut, "--count", "1",
            "--json").Expect(0).Json["result"]!["timing"]!;
        var slower = Ebspc.Run("run", program, "--input", DigitsModel.HeldOut, "--count", "1", "--json", "--arch", slow)
            .Expect(0).Json["result"]!["timing"]!;
        Assert.IsGreaterThan((long)timing["cycles"]!, (long)slower["cycles"]!);
        string wrong = folder.Write("wrong.json", """{"rows":0}"""u8);
        Assert.Contains("EBSP7106: field 'rows' must lie in 1..4096",
            Ebspc.Run("compile", program, "--arch", wrong, "-o", folder.File("x")).Expect(3).Error);
    }

    [TestMethod]
    public void Run_ImagesOfAnotherSize_AreRefused()
    {
        using TemporaryFolder folder = new();
        string images = folder.File("images.npy");
        NpyFile.Write(images, new NpyArray([1, 3, 4, 4], new byte[48]));
        CliResult result = Ebspc.Run("run", DigitsModel.Onnx, "--input", images).Expect(3);
        Assert.Contains("EBSP7104: images of 3x4x4 (C x H x W) for a network that reads 1x8x8", result.Error);
        Assert.Contains("EBSP7105: image 0 has label 17",
            Ebspc.Run("run", DigitsModel.Onnx, "--input", DigitsModel.HeldOut, "--label-offset", "15", "--count", "1").Expect(3).Error);
    }

    [TestMethod]
    public void Output_FolderThatIsNotThere_IsFileSystemErrorWithoutOutput()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.FullName, "no", "digits.pb");
        Assert.Contains("error EBSP1011", Ebspc.Run("import", DigitsModel.Onnx, "-o", path).Expect(6).Error);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.FullName));
    }

    [TestMethod]
    public void Name_WithControlCharacters_ReachesNoTerminal()
    {
        Graph graph = GraphFile.Parse(DigitsModel.Floats);
        using TemporaryFolder folder = new();
        string labels = folder.Write("labels.txt", "a\u001B[31m\u202Eb\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"u8);
        CliResult result = Ebspc.Run("import", DigitsModel.Onnx, "--classes", labels, "-o", folder.File("x.pb")).Expect(0);
        Assert.DoesNotContain('\u001B', result.Out + result.Error);
        Assert.DoesNotContain('\u202E', result.Out + result.Error);
        Assert.IsFalse(graph.IsInteger);
    }

    [TestMethod]
    public void Compile_MachineTooSmall_IsFailureWithCode()
    {
        using TemporaryFolder folder = new();
        // One input channel is the least that an instruction takes, and 8 outputs of 64 x 64 taps are 20 KiB of weights.
        PatternFormat format = PatternFormat.Window(6, 3, true);
        GraphBuilder builder = new("wide", "input", new Shape(1, 64, 64), new InputEncoding(format, 1, 1));
        string sums = builder.Add("conv",
            new IntegerConv(8, new KernelWindow(64, 64), 1, format, [.. new sbyte[8 * 4096]], [.. new int[8]]), "input");
        string scores = builder.Add("scores", new Requantize([1], false, 0, [], 1, -int.MaxValue, int.MaxValue, PatternFormat.Int32), sums);
        string integers = folder.File("wide.q.pb");
        GraphFile.Write(builder.Build(scores), integers);
        string tiny = folder.Write("tiny.json", """{"bufferBytes":4096}"""u8);
        CliResult result = Ebspc.Run("compile", integers, "--arch", tiny, "-o", folder.File("x.ebsp")).Expect(1);
        Assert.Contains("error EBSP3001", result.Error);
        Assert.IsFalse(File.Exists(folder.File("x.ebsp")));
    }

    [TestMethod]
    public void Diagnose_UnforeseenException_WritesAReportAndShowsNoStack()
    {
        Diagnostic found;
        try
        {
            throw new InvalidOperationException("inner words");
        }
        catch (InvalidOperationException e)
        {
            found = Failures.Diagnose(e, null).Single();
        }

        Assert.AreEqual(70, ExitCode.Of(found.Code));
        Assert.DoesNotContain(" at Ebsp", found.ToString());
        string path = found.Cause[(found.Cause.LastIndexOf(' ') + 1)..].TrimEnd('.');
        Assert.Contains("inner words", File.ReadAllText(path));
        File.Delete(path);
    }

    [TestMethod]
    public void Of_Codes_AreThoseOfTheContract()
    {
        (string Code, int Exit)[] contract =
        [
            ("EBSP1001", 6), ("EBSP1002", 3), ("EBSP1004", 4), ("EBSP1011", 6), ("EBSP2001", 3), ("EBSP3001", 1), ("EBSP4002", 3),
            ("EBSP4901", 1), ("EBSP7001", 6), ("EBSP7006", 4), ("EBSP7010", 2), ("EBSP7101", 2), ("EBSP7103", 6), ("EBSP7110", 5),
                ("EBSP9001", 70),
        ];
        foreach ((string code, int exit) in contract)
            Assert.AreEqual(exit, ExitCode.Of(code), code);
    }

    [TestMethod]
    public void Explain_EveryCode_IsKnown()
    {
        foreach (DiagnosticDescriptor row in DiagnosticDescriptors.All)
            Assert.Contains(row.Title, Ebspc.Run("explain", row.Code).Expect(0).Out);
        Ebspc.Run("explain", "EBSP0000").Expect(3);
    }

    [TestMethod]
    public void Codes_OfExceptionsOfOtherAssemblies_HaveRows()
    {
        foreach (Ebsp.Isa.Programs.ProgramRule rule in Enum.GetValues<Ebsp.Isa.Programs.ProgramRule>())
            Assert.IsNotNull(DiagnosticDescriptors.Find($"EBSP{(int)rule}"), rule.ToString());
        foreach (Ebsp.Isa.Verification.VerifierRule rule in Enum.GetValues<Ebsp.Isa.Verification.VerifierRule>())
            Assert.IsNotNull(DiagnosticDescriptors.Find($"EBSP{(int)rule}"), rule.ToString());
        foreach (Ebsp.Emulator.TrapKind kind in Enum.GetValues<Ebsp.Emulator.TrapKind>())
            Assert.IsNotNull(DiagnosticDescriptors.Find($"EBSP{4901 + (int)kind}"), kind.ToString());
        foreach (var field in typeof(DataDiagnostics).GetFields().Where(field => field.IsLiteral))
            Assert.IsNotNull(DiagnosticDescriptors.Find((string)field.GetRawConstantValue()!), field.Name);
    }
}

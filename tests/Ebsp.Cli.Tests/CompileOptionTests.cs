using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>What a build says to compile beside the model: class names, report, calibration; and what it hears of the files that were
/// read.</summary>
[TestClass]
public sealed class CompileOptionTests
{
    private static readonly string[] Quantize = ["--scale", "1/16", "--calibration", DigitsModel.Calibration, "--count", "64"];

    [TestMethod]
    [DataRow(7, 3, "- - - n0 n1 n2 n3 n4 n5 n6")]
    [DataRow(9, 1, "- n0 n1 n2 n3 n4 n5 n6 n7 n8")]
    [DataRow(9, 0, "background n0 n1 n2 n3 n4 n5 n6 n7 n8")]
    [DataRow(10, 0, "n0 n1 n2 n3 n4 n5 n6 n7 n8 n9")]
    public void LabelOffset_Names_BelongToTheOutputsFromItOn(int names, int offset, string labels)
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers), program = folder.File("digits.ebsp");
        Ebspc.Run("compile", integers, "--classes", Names(folder, names), "--label-offset", $"{offset}", "-o", program).Expect(0);
        Assert.AreEqual(labels, string.Join(' ', ProgramReader.Open(File.ReadAllBytes(program)).Io.Labels));
    }

    [TestMethod]
    public void LabelOffset_ThatDoesNotFit_IsRefused()
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers), program = folder.File("digits.ebsp");
        foreach ((int names, int offset) in new[] { (9, 2), (10, 1), (8, 1), (10, int.MaxValue) })
            Assert.Contains($"EBSP1013: {names} class names from output {offset} on for 10 classes",
                Ebspc.Run("compile", integers, "--classes", Names(folder, names), "--label-offset", $"{offset}", "-o", program)
                .Expect(3).Error);
        Ebspc.Run("compile", integers, "--classes", Names(folder, 10), "--label-offset", "-1", "-o", program).Expect(2);
        Assert.Contains("there are none", Ebspc.Run("compile", integers, "--label-offset", "1", "-o", program).Expect(2).Error);
        Assert.IsFalse(File.Exists(program));
    }

    [TestMethod]
    public void Report_OfCompile_IsTheTableOfLayersOfItsProgram()
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers), program = folder.File("digits.ebsp"),
            csv = folder.File("a.csv"), json = folder.File("a.JSON"), layers = folder.File("b.csv");
        JsonObject envelope = Ebspc.Run("compile", integers, "--report", csv, "-o", program, "--json").Expect(0).Json;
        Assert.AreEqual(csv, (string?)envelope["result"]!["reportFile"]!["file"]);
        Ebspc.Run("compile", integers, "--report", json, "-o", program).Expect(0);
        JsonObject run = Ebspc.Run("run", program, "--timing", "cycles", "--layers", layers, "--json").Expect(0).Json;
        CollectionAssert.AreEqual(File.ReadAllBytes(layers), File.ReadAllBytes(csv));
        Assert.IsTrue(JsonNode.DeepEquals(run["result"]!["timing"]!["layers"], JsonNode.Parse(File.ReadAllText(json))));
        Assert.Contains("neither .csv nor .json",
            Ebspc.Run("compile", folder.File("absent.pb"), "--report", folder.File("a.txt"), "-o", program).Expect(2).Error);
    }

    [TestMethod]
    public void Report_ThatCannotBeWritten_LeavesNoProgram()
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers);
        Ebspc.Run("compile", integers, "--report", folder.File("no/folder/a.csv"), "-o", folder.File("digits.ebsp")).Expect(6);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.FullName));
    }

    [TestMethod]
    public void Inputs_OfCompile_AreAllFilesThatWereRead()
    {
        using TemporaryFolder folder = new();
        string names = Names(folder, 10), arch = folder.Write("machine.json", "{}"u8);
        JsonObject envelope =
            Ebspc.Run(["compile", DigitsModel.Onnx, .. Quantize, "--classes", names, "--arch", arch, "-o", folder.File("digits.ebsp"),
            "--json"]).Expect(0).Json;
        AssertInputs(envelope, [DigitsModel.Onnx, DigitsModel.Calibration, names, arch]);
    }

    [TestMethod]
    public void Inputs_OfCalibrationPictures_AreFolderAndFilesOrTheZip()
    {
        using TemporaryFolder folder = new();
        string pictures = Directory.CreateDirectory(folder.File("pictures/ä")).Parent!.FullName, zip = folder.File("pictures.zip");
        string[] files = [.. Enumerable.Range(0, 6).Select(n => Path.Combine(pictures, n < 3 ? $"{n}.pgm" : $"ä/{n}.pgm"))];
        for (int n = 0; n < files.Length; n++)
            File.WriteAllBytes(files[n],
                [.. Encoding.ASCII.GetBytes("P5 8 8 255\n"), .. Enumerable.Range(0, 64).Select(i => (byte)(i * (n + 3)))]);
        ZipFile.CreateFromDirectory(pictures, zip);
        string[] ofFolder = ["compile", DigitsModel.Onnx, "--scale", "1/255", "--calibration", pictures, "--count", "5", "-o",
            folder.File("a.ebsp"), "--json"];
        JsonObject envelope = Ebspc.Run(ofFolder).Expect(0).Json;
        AssertInputs(envelope, [DigitsModel.Onnx, .. files[..5]], folder: pictures);
        envelope = Ebspc.Run("compile", DigitsModel.Onnx, "--scale", "1/255", "--calibration", zip, "-o", folder.File("b.ebsp"), "--json")
            .Expect(0).Json;
        AssertInputs(envelope, [DigitsModel.Onnx, zip]);
    }

    [TestMethod]
    public void Compile_FloatNetworkWithoutCalibration_NamesOptionAndMetadata()
    {
        using TemporaryFolder folder = new();
        JsonObject envelope = Ebspc.Run("compile", DigitsModel.Onnx, "-o", folder.File("digits.ebsp"), "--json").Expect(2).Json;
        JsonNode diagnostic = envelope["diagnostics"]!.AsArray().Single()!;
        Assert.AreEqual("EBSP7114", (string?)diagnostic["code"]);
        Assert.AreEqual(DigitsModel.Onnx, (string?)diagnostic["file"]);
        Assert.Contains("1x8x8", (string)diagnostic["cause"]!);
        Assert.Contains("--calibration (item metadata Calibration)", (string)diagnostic["fix"]!);
    }

    private static void AssertInputs(JsonObject envelope, string[] files, string? folder = null)
    {
        (string File, string Hash)[] inputs =
            [.. envelope["inputs"]!.AsArray().Select(input => ((string)input!["file"]!, (string)input["sha256"]!))];
        CollectionAssert.AreEquivalent((string[])[.. files, .. folder is null ? (string[])[] : [folder]],
            inputs.Select(input => input.File).ToArray());
        foreach ((string file, string hash) in inputs.Where(input => input.File != folder))
            Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), hash, file);
    }

    private static string Names(TemporaryFolder folder, int count) =>
        folder.Write("names.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => $"n{i}\n"))));
}

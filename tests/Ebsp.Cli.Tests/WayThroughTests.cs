using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Emulator;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;
using Ebsp.TestKit.Timing;

namespace Ebsp.Cli.Tests;

/// <summary>From ONNX to answers, by the verbs.</summary>
[TestClass]
public sealed class WayThroughTests
{
    [TestMethod]
    public void Verbs_Digits_LeadToTheFloatNetworksAnswers()
    {
        using TemporaryFolder folder = new();
        string floats = folder.File("digits.pb"), integers = folder.File("digits.q.pb"), program = folder.File("digits.ebsp");
        Assert.Contains("everything maps", Ebspc.Run("check", DigitsModel.Onnx).Expect(0).Out);
        Ebspc.Run("import", DigitsModel.Onnx, "--scale", "1/16", "-o", floats).Expect(0);
        Assert.Contains("conv1", Ebspc.Run("quantize", floats, "--calibration", DigitsModel.Calibration, "-o", integers).Expect(0).Out);
        Ebspc.Run("compile", integers, "-o", program).Expect(0);

        var run = Ebspc.Run("run", program, "--input", DigitsModel.HeldOut, "--compare", floats, "--json").Expect(0).Json;
        Assert.AreEqual(360, (int)run["result"]!["images"]!);
        Assert.IsGreaterThanOrEqualTo(350, (int)run["result"]!["top1"]!["correct"]!);
        Assert.IsGreaterThanOrEqualTo(350, (int)run["result"]!["sameAnswers"]!);
        Assert.AreEqual(Hash(program), (string?)run["inputs"]![0]!["sha256"]);
        long cycles = (long)run["result"]!["timing"]!["cycles"]!;
        foreach (var unit in run["result"]!["timing"]!["units"]!.AsArray())
            Assert.AreEqual(cycles, (long)unit!["busy"]! + unit["stalls"]!.AsObject().Sum(stall => (long)stall.Value!),
                (string?)unit["unit"]);

        CliResult text = Ebspc.Run("run", program, "--input", DigitsModel.HeldOut).Expect(0);
        Assert.Contains("top-1", text.Out);
        Assert.Contains("stall counter", text.Out);
        Assert.DoesNotContain('\u001B', text.Out + text.Error);
        Assert.DoesNotContain(" 0.00", text.Out);
        string[] listing = Ebspc.Run("disasm", program).Expect(0).Out.Split(Environment.NewLine);
        Assert.Contains("; conv1", listing);
        Assert.IsTrue(listing.Any(line => line.StartsWith("end", StringComparison.Ordinal)
            && line.Contains(" 0x", StringComparison.Ordinal)));
        Assert.Contains("machine        default: 66 x 73 PEs", Ebspc.Run("inspect", program).Expect(0).Out);
        Assert.Contains("agree with the integer reference", Ebspc.Run("verify", program).Expect(0).Out);
        Assert.AreEqual(Ebspc.Run("view", integers).Expect(0).Out, Ebspc.Run("view", program).Expect(0).Out);
        Ebspc.Run("view", floats, "-o", folder.File("floats.onnx")).Expect(0);
        Assert.AreEqual(Ebspc.Run("view", floats).Expect(0).Out, Ebspc.Run("view", folder.File("floats.onnx")).Expect(0).Out);
    }

    [TestMethod]
    public void Run_EveryExecutor_GivesTheSameScores()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers);
        string four = folder.File("digits-4.ebsp");
        Ebspc.Run("compile", integers, "--batch", "4", "-o", four).Expect(0);
        string[][] calls =
        [
            [integers],
            [program, "--engine", "reference"],
            [program, "--engine", "literal"],
            [program, "--kernel", "scalar", "--threads", "1"],
            [program, "--kernel", "vector128", "--threads", "3"],
            [four, "--threads", "2"],
            [program, "--interleaving", "7"],
            [four, "--interleaving", "8", "--engine", "literal"],
        ];
        HashSet<string> hashes = [];
        foreach (string[] call in calls)
        {
            string scores = folder.File("scores.npy");
            Ebspc.Run(["run", .. call, "--input", DigitsModel.HeldOut, "--count", "9", "-o", scores]).Expect(0);
            CollectionAssert.AreEqual(new[] { 9, 10 }, NpyFile.Read(scores).Shape);
            hashes.Add(Hash(scores));
        }

        Assert.HasCount(1, hashes);
    }

    [TestMethod]
    public void Run_TimingCycles_GivesTheTimeOfAFullRunWithoutImages()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        var full = Ebspc.Run("run", program, "--input", DigitsModel.HeldOut, "--count", "9", "--json").Expect(0).Json["result"]!;
        var only = Ebspc.Run("run", program, "--timing", "cycles", "--count", "9", "--json").Expect(0).Json["result"]!;
        Assert.AreEqual(full["timing"]!.ToJsonString(), only["timing"]!.ToJsonString());
        Assert.IsNull(only["best"]);
        Assert.Contains("stall counter", Ebspc.Run("run", program, "--timing", "cycles").Expect(0).Out);
        Assert.IsNull(Ebspc.Run("run", program, "--input", DigitsModel.HeldOut, "--timing", "none", "--json")
            .Expect(0).Json["result"]!["timing"]);
        Assert.Contains("--input has no place beside it",
            Ebspc.Run("run", program, "--timing", "cycles", "--input", DigitsModel.HeldOut).Expect(2).Error);
        Assert.Contains("-o has no place beside it", Ebspc.Run("run", program, "--timing", "cycles", "-o", "x.npy").Expect(2).Error);
        Assert.Contains("--count 0 is less than 1", Ebspc.Run("run", program, "--timing", "cycles", "--count", "0").Expect(2).Error);
        Ebspc.Run("run", folder.Write("digits.q.pb", DigitsModel.Integers), "--timing", "cycles").Expect(3);
    }

    [TestMethod]
    public void Trace_Digits_WritesTheReportsCycles()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program), trace = folder.File("trace.json");
        long cycles = (long)Ebspc.Run("run", program, "--timing", "cycles", "--json").Expect(0).Json["result"]!["timing"]!["cycles"]!;
        foreach (string detail in new[] { "auto", "instruction", "tile", "layer" })
        {
            var result = Ebspc.Run("trace", program, "-o", trace, "--detail", detail, "--json").Expect(0).Json["result"]!;
            Assert.AreEqual(cycles, (long)result["cycles"]!);
            Assert.AreEqual(detail == "auto" ? "instruction" : detail, (string?)result["detail"]);
            Assert.AreEqual(cycles, new RecordedTrace(File.ReadAllBytes(trace)).Cycles);
            Assert.AreEqual(Hash(trace), (string?)result["output"]!["sha256"]);
        }

        Assert.AreEqual(6, Ebspc.Run("trace", program, "-o", folder.File("no/such/trace.json")).Exit);
        Ebspc.Run("trace", DigitsModel.Onnx, "-o", trace).Expect(3);
    }

    [TestMethod]
    public void Run_SeveralOutputs_WritesAFileEach()
    {
        using TemporaryFolder folder = new();
        string model = TestData.File("faults/two_outputs.onnx"), data = folder.File("x.npy"), program = folder.File("two.ebsp");
        Graph graph = Ebsp.Compiler.Import.OnnxImporter.Import(model);
        Shape shape = graph.InputShape;
        Random random = new(1);
        using (FileStream stream = File.Create(data))
            NpyFile.Write(stream, new NpyArray([8, shape.Channels, shape.Height, shape.Width],
                Enumerable.Range(0, (int)(8 * shape.Elements)).Select(_ => random.NextSingle()).ToArray()));
        var facts = Ebspc.Run("compile", model, "--calibration", data, "-o", program, "--json").Expect(0).Json["result"]!["model"]!;
        Assert.AreEqual(2, facts["outputs"]!.AsArray().Count);
        foreach (string file in (string[])[program, model])
        {
            Ebspc.Run("run", file, "--input", data, "-o", folder.File("out.npy")).Expect(0);
            foreach (GraphOutput output in graph.Outputs)
            {
                NpyArray array = NpyFile.Read(folder.File($"out.{output.Name}.npy"));
                Assert.AreEqual(8 * graph.TypeOf(output.Name).Shape.Elements, ((float[])array.Data).Length);
                File.Delete(folder.File($"out.{output.Name}.npy"));
            }
        }

        Ebspc.Run("verify", program, "--input", data, "--count", "2").Expect(0);
        Assert.Contains("output", Ebspc.Run("inspect", program).Expect(0).Out);
    }

    [TestMethod]
    public void Machine_ImageAfterImage_AllocatesNothing()
    {
        EbspProgram program = ProgramReader.Open(DigitsModel.Program);
        Machine machine = new(program);
        byte[] pixels = new byte[program.Io.Input.Channels * program.Io.Input.Height * program.Io.Input.Width];
        float[] scores = new float[program.Io.Output.Channels];
        // Code that is not yet optimized boxes; on a busy machine the optimized one comes late.
        long allocated = -1;
        for (int round = 0; allocated != 0 && round < 200; round++)
        {
            Thread.Sleep(round);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int image = 0; image < 20; image++)
            {
                machine.WriteImage(0, pixels);
                machine.Run();
                machine.ReadScores(0, scores);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.AreEqual(0L, allocated);
    }

    [TestMethod]
    public void Run_Dump_WritesTheTensor()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("conv1.npy");
        Ebspc.Run("run", DigitsModel.Onnx, "--scale", "1/16", "--input", DigitsModel.HeldOut, "--count", "2", "--dump", "pixels", "-o",
            path)
            .Expect(0);
        NpyArray tensor = NpyFile.Read(path);
        CollectionAssert.AreEqual(new[] { 2, 1, 8, 8 }, tensor.Shape);
        Assert.IsTrue(((float[])tensor.Data).All(value => value is >= 0 and <= 1));
        Assert.Contains("there are pixels, ",
            Ebspc.Run("run", DigitsModel.Onnx, "--input", DigitsModel.HeldOut, "--dump", "nothing", "-o", path).Expect(3).Error);
    }

    [TestMethod]
    public void Asm_OwnListing_GivesTheSameProgram()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        string listing = folder.File("digits.s"), again = folder.File("again.ebsp");
        Ebspc.Run("disasm", program, "-o", listing).Expect(0);
        Ebspc.Run("asm", listing, "--like", program, "-o", again).Expect(0);
        CollectionAssert.AreEqual(DigitsModel.Program, File.ReadAllBytes(again));
        File.WriteAllText(listing, "lod x=1\n");
        Assert.Contains("EBSP7111: line 1", Ebspc.Run("asm", listing, "--like", program, "-o", again).Expect(3).Error);
    }

    [TestMethod]
    public void Compile_OnnxWithAllOptions_EqualsTheWayInSteps()
    {
        using TemporaryFolder folder = new();
        string direct = folder.File("direct.ebsp");
        Ebspc.Run("compile", DigitsModel.Onnx, "--scale", "1/16", "--calibration", DigitsModel.Calibration, "-o", direct).Expect(0);
        string steps = folder.Write("steps.ebsp", DigitsModel.Program);
        string[] listings = [.. new[] { direct, steps }.Select(file => Ebspc.Run("disasm", file).Expect(0).Out)];
        Assert.AreEqual(listings[0], listings[1]);
        Assert.Contains("weights=6:3 activations=6:3", Ebspc.Run("inspect", direct).Expect(0).Out);
    }

    [TestMethod]
    public void Verify_ChangedAddress_NamesLayerTileInstructionAndElement()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        string listing = folder.File("digits.s"), changed = folder.File("changed.ebsp");
        Ebspc.Run("disasm", program, "-o", listing).Expect(0);
        string text = File.ReadAllText(listing);
        // The convolutions start their sums at zero.
        Assert.Contains("start=bias", text);
        File.WriteAllText(listing, text.Replace(" start=bias", " start=zero", StringComparison.Ordinal));
        Ebspc.Run("asm", listing, "--like", program, "-o", changed).Expect(0);
        CliResult result = Ebspc.Run("verify", changed, "--engine", "fast").Expect(5);
        Assert.Contains("error EBSP7110: conv1: ", result.Error);
        Assert.Contains("tile 0 at image 0, row 0, column 0, channel 0, instruction 2: conv ", result.Error);
        Assert.Contains("; the element at image 0, row 0, column 0, channel ", result.Error);
    }

    [TestMethod]
    public void Verify_DroppedWait_IsRefusedBeforeAnythingRuns()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        string listing = folder.File("digits.s"), changed = folder.File("changed.ebsp");
        Ebspc.Run("disasm", program, "-o", listing).Expect(0);
        string[] lines = File.ReadAllLines(listing);
        int conv = Array.FindIndex(lines, line => line.StartsWith("conv ", StringComparison.Ordinal));
        lines[conv] = Regex.Replace(lines[conv], " (wait|until)[01]=[0-9]+", "");
        File.WriteAllLines(listing, lines);
        Ebspc.Run("asm", listing, "--like", program, "-o", changed).Expect(0);
        CliResult result = Ebspc.Run("verify", changed).Expect(3);
        Assert.Contains("error EBSP4103: conv1: layer conv1, tensor ", result.Error);
        Assert.Contains(", tile at image 0, row 0, column 0, channel 0, instruction 2: conv ", result.Error);
        Assert.Contains(", and nothing orders it and instruction ", result.Error);
        Assert.IsFalse((bool)Ebspc.Run("verify", changed, "--json").Expect(3).Json["result"]!["proved"]!);
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}

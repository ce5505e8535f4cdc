using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>Several calls in one process: order, independence, exit codes, one line a call and nothing else.</summary>
[TestClass]
public sealed class BatchTests
{
    private static readonly string[] CompileDigits =
        ["compile", DigitsModel.Onnx, "--scale", "1/16", "--calibration", DigitsModel.Calibration, "--count", "64"];

    [TestMethod]
    public void Batch_SeveralCalls_AreLinesInTheirOrderAndFilesOfSingleCalls()
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers), single = folder.File("single.ebsp");
        Ebspc.Run([.. CompileDigits, "-o", single]).Expect(0);
        CliResult result = Batch(folder,
            ("first", [.. CompileDigits, "-o", folder.File("1.ebsp")]),
            ("日本 😀", ["compile", integers, "-o", folder.File("日本語 😀.ebsp")]),
            ("", ["explain", "EBSP1005"]),
            ("last", [.. CompileDigits, "-o", folder.File("4.ebsp")])).Expect(0);
        CollectionAssert.AreEqual(new[] { "first", "日本 😀", "", "last" }, Lines(result).Select(line => (string?)line["id"]).ToArray());
        CollectionAssert.AreEqual(File.ReadAllBytes(single), File.ReadAllBytes(folder.File("1.ebsp")));
        CollectionAssert.AreEqual(File.ReadAllBytes(single), File.ReadAllBytes(folder.File("4.ebsp")));
        CollectionAssert.AreEqual(DigitsModel.Program, File.ReadAllBytes(folder.File("日本語 😀.ebsp")));
        Assert.AreEqual(folder.File("日本語 😀.ebsp"), (string?)Lines(result)[1]["result"]!["output"]!["file"]);
    }

    [TestMethod]
    public void Batch_FailingCalls_LeaveTheOthersAndGiveTheCodeOfTheFirst()
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers), text = folder.Write("text.pb", "not a model"u8);
        CliResult result = Batch(folder,
            ("0", ["compile", integers, "-o", folder.File("0.ebsp")]),
            ("1", ["compile", text, "-o", folder.File("1.ebsp")]),
            ("2", ["compile", folder.File("absent.pb"), "-o", folder.File("2.ebsp")]),
            ("3", ["compile"]),
            ("4", ["compile", integers, "-o", folder.File("4.ebsp")])).Expect(3);
        CollectionAssert.AreEqual(new[] { 0, 3, 6, 2, 0 }, Lines(result).Select(line => (int)line["exitCode"]!).ToArray());
        Assert.AreEqual("EBSP1002", (string?)Lines(result)[1]["diagnostics"]![0]!["code"]);
        CollectionAssert.AreEqual(DigitsModel.Program, File.ReadAllBytes(folder.File("4.ebsp")));
        CollectionAssert.AreEquivalent(new[] { "digits.q.pb", "text.pb", "request.json", "0.ebsp", "4.ebsp" },
            Directory.GetFiles(folder.FullName).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Batch_CallsThatHaveNoPlaceInIt_AreRefusedOnTheirLines()
    {
        using TemporaryFolder folder = new();
        string inner = folder.Write("inner.json", """{"request":1,"calls":[]}"""u8), arguments = folder.Write("arguments", "EBSP1005\n"u8);
        CliResult result = Batch(folder,
            ("batch", ["batch", inner]), ("help", ["compile", "--help"]), ("version", ["--version"]), ("none", []), ("word", ["compil"]),
            ("at", ["explain", "@" + arguments]), ("json", ["explain", "EBSP1005", "--json"])).Expect(2);
        JsonObject[] lines = Lines(result);
        CollectionAssert.AreEqual(new[] { 2, 2, 2, 2, 2, 6, 0 }, lines.Select(line => (int)line["exitCode"]!).ToArray());
        Assert.Contains("no place in a batch", (string)lines[0]["diagnostics"]![0]!["cause"]!);
        Assert.Contains("no place in a batch", (string)lines[1]["diagnostics"]![0]!["cause"]!);
        Assert.AreEqual(0, Batch(folder).Expect(0).Out.Length);
    }

    [TestMethod]
    public void Batch_RequestOfAnotherForm_IsOneLineWithoutId()
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        string calls = string.Join(',', Enumerable.Range(0, 10_001).Select(i => $$"""{"id":"{{i}}","arguments":[]}"""));
        string many = $$"""{"request":1,"calls":[{{calls}}]}""";
        (string Request, string Cause)[] wrong =
        [
            ("", "it is not JSON"), ("{", "it is not JSON"), ("{}{}", "it is not JSON"), ("[]", "an object must stand here"),
                ("null", "an object must stand here"),
            (deep, "it is not JSON"), (many, "there are 10001 elements"),
            ("""{"calls":[]}""", "'request' is missing"), ("""{"request":1}""", "'calls' is missing"),
                ("""{"request":2,"calls":[]}""", "must be 1"),
            ("""{"request":"1","calls":[]}""", "must be 1"), ("""{"request":1.5,"calls":[]}""", "must be 1"),
                ("""{"request":1e99,"calls":[]}""", "must be 1"),
            ("""{"request":1,"calls":{}}""", "an array must stand here"), ("""{"request":1,"calls":[1]}""", "an object must stand here"),
            ("""{"request":1,"calls":[],"more":1}""", "'more' is not known"),
                ("""{"request":1,"request":1,"calls":[]}""", "each field once"),
            ("""{"request":1,"calls":[{"id":1,"arguments":[]}]}""", "a string must stand here"),
                ("""{"request":1,"calls":[{"id":"1"}]}""", "'arguments' is missing"),
            ("""{"request":1,"calls":[{"id":"1","arguments":"compile"}]}""", "an array must stand here"),
            ("""{"request":1,"calls":[{"id":"1","arguments":["compile",null]}]}""", "a string must stand here"),
            ("""{"request":1,"calls":[{"id":"1","arguments":["\u0000"]}]}""", "NUL"),
                ("""{"request":1,"calls":[{"id":"1","arguments":["\ud800"]}]}""", "not Unicode"),
            ("""{"request":1,"calls":[{"id":"1","arguments":[]},{"id":"1","arguments":[]}]}""", "the same id"),
            ($$"""{"request":1,"calls":[{"id":"{{new string('i', 257)}}","arguments":[]}]}""", "more than 256"),
            ($$"""{"request":1,"calls":[{"id":"1","arguments":[{{string.Join(',', Enumerable.Repeat("\"a\"", 1_001))}}]}]}""",
                "1001 elements"),
            ("{\"request\":1,\"calls\":[/* */]}", "it is not JSON"), (new string(' ', (1 << 24) + 1), "more than 16777216 bytes"),
        ];
        using TemporaryFolder folder = new();
        foreach ((string request, string cause) in wrong)
        {
            CliResult result = Ebspc.Run("batch", folder.Write("request.json", Encoding.UTF8.GetBytes(request))).Expect(2);
            JsonObject line = Lines(result).Single();
            Assert.IsFalse(line.ContainsKey("id"));
            Assert.AreEqual("batch", (string?)line["verb"]);
            Assert.AreEqual("EBSP7113", (string?)line["diagnostics"]![0]!["code"], request[..Math.Min(80, request.Length)]);
            Assert.Contains(cause, (string)line["diagnostics"]![0]!["cause"]!);
            Assert.Contains("EBSP7113", result.Error);
        }

        Assert.Contains("\"EBSP7113\"",
            Ebspc.Run("batch", folder.Write("request.json",
            [.. "{\"request\":1,\"calls\":[{\"id\":\""u8, 0xFF, .. "\",\"arguments\":[]}]}"u8])).Expect(2).Out);
        Ebspc.Run("batch", folder.File("absent.json")).Expect(6);
        Ebspc.Run("batch", folder.Write("request.json", [0xEF, 0xBB, 0xBF, .. """{"request":1,"calls":[]}"""u8])).Expect(0);
    }

    [TestMethod]
    public void Batch_CommandLineThatIsWrong_PrintsAnEnvelopeOnlyIfAsked()
    {
        Assert.AreEqual("", Ebspc.Run("batch").Expect(2).Out);
        Assert.AreEqual("batch", (string?)Lines(Ebspc.Run("batch", "--json").Expect(2)).Single()["verb"]);
    }

    [TestMethod]
    public void Model_OfCompile_IsWhatTheFileSays()
    {
        using TemporaryFolder folder = new();
        string names = folder.Write("names.txt", Encoding.UTF8.GetBytes(string.Join('\n', "abcdefghij".ToCharArray())));
        JsonObject line = Lines(
            Batch(folder, ("0", [.. CompileDigits, "--classes", names, "--batch", "3", "--arch", "small-16", "-o",
            folder.File("digits.ebsp")])).Expect(0)).Single();
        byte[] file = File.ReadAllBytes(folder.File("digits.ebsp"));
        EbspProgram program = ProgramReader.Open(file);
        TimingReport timing = TimingModel.Run(program);
        ProgramInput input = program.Io.Input;
        ProgramOutput output = program.Io.Output;
        string expected = JsonSerializer.Serialize(new
        {
            source = "digits.onnx", digest = ProgramReader.DigestOf(file), bytes = file.Length,
            input = new { name = input.Name, channels = 1, height = 8, width = 8, terms = input.Terms, bits = input.Format.Bits,
                pattern = input.Format.PatternLength, scale = input.Scale, reverseChannels = false },
            output = new { name = output.Name, channels = 10, height = 1, width = 1, scale = output.Scale, transform = "none" },
            batch = 3, labels = 10, layers = program.Layers.Layers.Length, instructions = program.Code.Length,
                weightBytes = program.Weights.Length,
            machine = new { name = "small-16", rows = program.Arch.Rows, columns = program.Arch.Columns,
                patternLength = program.Arch.PatternLength, clockHz = program.Arch.ClockHz },
            cycles = timing.Cycles, utilization = timing.Utilization,
            agreement = (double)line["result"]!["quality"]!["sameAnswers"]! / (int)line["result"]!["quality"]!["images"]!,
        });
        Assert.AreEqual(expected, line["result"]!["model"]!.ToJsonString());
        Assert.AreEqual(0, output.Transform);
    }

    internal static CliResult Batch(TemporaryFolder folder, params (string Id, string[] Arguments)[] calls) =>
        Ebspc.Run("batch", Request(folder, calls));

    internal static string Request(TemporaryFolder folder, params (string Id, string[] Arguments)[] calls) =>
        folder.Write("request.json", Encoding.UTF8.GetBytes(new JsonObject
    {
        ["request"] = 1,
        ["calls"] = new JsonArray(
            [.. calls.Select(call =>
            new JsonObject { ["id"] = call.Id,
            ["arguments"] = new JsonArray([.. call.Arguments.Select(argument => JsonValue.Create(argument))]) })]),
    }.ToJsonString()));

    /// <summary>The lines of a batch, each of which must follow the published schema.</summary>
    internal static JsonObject[] Lines(CliResult result) => [.. result.Out.Split('\n').SkipLast(1).Select(line =>
    {
        JsonObject envelope = JsonNode.Parse(line)!.AsObject();
        Assert.IsNull(Ebspc.Schema.Check(envelope), "docs/schema/ebspc-1.schema.json");
        return envelope;
    })];
}

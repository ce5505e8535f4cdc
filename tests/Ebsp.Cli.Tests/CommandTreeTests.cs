using System.CommandLine;
using System.Text;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;

namespace Ebsp.Cli.Tests;

/// <summary>What holds for every verb, taken from the command tree.</summary>
[TestClass]
public sealed class CommandTreeTests
{
    private const char Escape = '\u001B';

    public static IEnumerable<object[]> Verbs => CommandLine.Create().Subcommands.Select(verb => new object[] { verb.Name });

    [TestMethod]
    [DynamicData(nameof(Verbs))]
    public void Help_OfEveryVerb_StartsWithExamplesThatParse(string verb)
    {
        CliResult help = Ebspc.Run(verb, "--help").Expect(0);
        Assert.StartsWith($"Examples:{Environment.NewLine}  ebspc {verb}", help.Out);
        Assert.AreEqual("", help.Error);
        Assert.DoesNotContain(Escape, help.Out);
        foreach (string example in Find(verb).Examples)
            Assert.IsEmpty(CommandLine.Create().Parse(example.Split(' ')[1..]).Errors, example);
    }

    [TestMethod]
    [DynamicData(nameof(Verbs))]
    public void Run_UnknownOption_IsUsageErrorOnErrorStream(string verb)
    {
        CliResult result = Ebspc.Run(verb, "--no-such-option").Expect(2);
        Assert.AreEqual("", result.Out);
        Assert.Contains("error EBSP7101: " + verb, result.Error);
        Assert.DoesNotContain(Escape, result.Error);
    }

    [TestMethod]
    [DynamicData(nameof(Verbs))]
    public void Run_UnknownOptionWithJson_IsOneEnvelope(string verb)
    {
        CliResult result = Ebspc.Run(verb, "--no-such-option", "--json").Expect(2);
        Assert.AreEqual("ebspc/1", (string?)result.Json["schema"]);
        Assert.AreEqual(verb, (string?)result.Json["verb"]);
        Assert.AreEqual("EBSP7101", (string?)result.Json["diagnostics"]![0]!["code"]);
    }

    [TestMethod]
    public void Run_NoVerbOrUnknownVerb_IsUsageError()
    {
        Ebspc.Run().Expect(2);
        Assert.Contains("'compil'", Ebspc.Run("compil").Expect(2).Error);
    }

    [TestMethod]
    public void Help_OfRoot_StartsWithThreeExamples()
    {
        string[] lines = Ebspc.Run("--help").Expect(0).Out.Split(Environment.NewLine);
        Assert.AreEqual("Examples:", lines[0]);
        Assert.HasCount(3, lines[1..4].Where(line => line.StartsWith("  ebspc ", StringComparison.Ordinal)));
        Assert.AreEqual("0.1.0", Ebspc.Run("--version").Expect(0).Out.Trim());
    }

    [TestMethod]
    public void ArgumentFile_Nested_ReplacesArgumentsAndDepthIsLimited()
    {
        using TemporaryFolder folder = new();
        string inner = folder.Write("inner", "EBSP1005\n"u8);
        string outer = folder.Write("outer", Encoding.UTF8.GetBytes($"explain\n@{inner}\n"));
        Assert.Contains("ONNX operator not supported", Ebspc.Run("@" + outer).Expect(0).Out);
        string loop = folder.File("loop");
        File.WriteAllText(loop, "@" + loop);
        Assert.Contains("nested deeper than 4", Ebspc.Run("@" + loop).Expect(2).Error);
        Ebspc.Run("@" + folder.File("absent")).Expect(6);
    }

    // The head of docs/cli.md is written by hand, the list of verbs by this test.
    [TestMethod]
    public void Document_Verbs_AreThoseOfTheCommandTree()
    {
        const string path = "docs/cli.md";
        const string heading = "## Verbs\n";
        string page = File.ReadAllText(TestData.Repository(path)).Replace("\r\n", "\n", StringComparison.Ordinal);
        int end = page.IndexOf(heading, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, end, "docs/cli.md has no list of verbs.");
        Golden.Check(path, page[..(end + heading.Length)]
            + string.Concat(CommandLine.Create().Subcommands.OfType<Verb>().Select(Describe)));
    }

    private static Verb Find(string name) => CommandLine.Create().Subcommands.OfType<Verb>().Single(verb => verb.Name == name);

    private static string Describe(Verb verb)
    {
        StringBuilder text = new($"\n### ebspc {verb.Name}\n\n{verb.Description}\n\n```\n{string.Join('\n', verb.Examples)}\n```\n\n");
        if (verb.Arguments.Count + verb.Options.Count > 0)
            text.Append("| argument | meaning |\n|---|---|\n");
        foreach (Argument argument in verb.Arguments)
            text.Append($"| `{argument.Name}` | {Cell(argument.Description)} |\n");
        foreach (Option option in verb.Options)
        {
            string values = option.HelpName
                ?? string.Join('|', option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty)
                .Select(item => item.Label));
            string names = string.Join(", ", option.Aliases.Prepend(option.Name).OrderBy(name => name.Length));
            string remark = option.Required ? " Required." : option.HasDefaultValue ? $" Default: {option.GetDefaultValue()}." : "";
            text.Append($"| `{Cell($"{names} {values}").TrimEnd()}` | {Cell(option.Description)}{remark} |\n");
        }

        return text.ToString();
    }

    private static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal);

    [TestMethod]
    [DataRow("chekc net.onnx", "check")]
    [DataRow("compile net.onnx --calibraton x -o y.ebsp", "--calibration")]
    [DataRow("run net.ebsp --inptu x", "--input")]
    public void Parse_MisspeltWord_NamesTheNearest(string words, string meant)
    {
        CliResult result = Ebspc.Run(words.Split(' ')).Expect(ExitCode.Usage);
        Assert.Contains($"did you mean {meant}?", result.Error);
    }

    [TestMethod]
    public void Suggest_StartOfAVerb_ListsTheVerbs()
    {
        CliResult result = Ebspc.Run("[suggest:4]", "comp").Expect(0);
        Assert.Contains("compile", result.Out);
    }
}

using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Machine;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Stages;

/// <summary>
/// Every stage of the compiler by itself: Files/STAGE-*.txt hold what it is given, a line <c>----</c>, and what it makes of it, so that a
/// change of one stage shows in its own files. EBSP_BLESS=1 rewrites what stands behind the line.
/// </summary>
[TestClass]
public sealed class StageTests
{
    private const string Folder = "tests/Ebsp.Compiler.Tests/Stages/Files";
    private const string Line = "----\n";

    public static IEnumerable<string> Files => Directory.EnumerateFiles(TestData.Repository(Folder), "*.txt")
        .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Stage_OfAFile_MakesTheCommittedListing(string name)
    {
        string path = $"{Folder}/{name}.txt";
        string text = File.ReadAllText(TestData.Repository(path)).Replace("\r\n", "\n", StringComparison.Ordinal);
        string given = text.Split(Line)[0];
        Golden.Check(path, given + Line + Run(StageOf(name), given));
    }

    [TestMethod]
    public void Stages_EachHaveAFile()
    {
        string[] without = [.. StageListings.All.Keys.Except(Files.Select(StageOf))];
        Assert.IsEmpty(without, string.Join(", ", without));
    }

    // The head is comments: what is shown, and "; machine NAME" or "; batch N".
    private static string Run(string stage, string given)
    {
        string[] head = [.. given.Split('\n').TakeWhile(line => line.StartsWith(';'))];
        ArchSpec arch = ArchPresets.Find(Word("machine") ?? "default")!;
        int batch = int.Parse(Word("batch") ?? "1", CultureInfo.InvariantCulture);
        string text = string.Join('\n', given.Split('\n').Skip(head.Length));
        try
        {
            return StageListings.All[stage](new StageListings.Given(text, arch, batch));
        }
        catch (EbspException refused)
        {
            return string.Concat(refused.Diagnostics.Select(each => $"{each}\n"));
        }

        string? Word(string name) =>
            head.FirstOrDefault(line => line.StartsWith($"; {name} ", StringComparison.Ordinal))?[(name.Length + 3)..];
    }

    // fold-batch-norm-grouped is the file "grouped" of the stage fold-batch-norm.
    private static string StageOf(string name) => StageListings.All.Keys
        .Where(stage => name == stage || name.StartsWith(stage + "-", StringComparison.Ordinal)).MaxBy(stage => stage.Length)
        ?? throw new AssertFailedException($"{name}.txt is of no stage");
}

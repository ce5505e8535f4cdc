namespace Ebsp.House.Tests;

/// <summary>A line of code or comment can be read without moving the window.</summary>
[TestClass]
public sealed class LineTests
{
    private const int MaxColumns = 140;

    [TestMethod]
    public void Lines_OfEveryFile_AreShort()
    {
        Assert.IsGreaterThan(500, SourceFile.All.Count);
        string[] wrong = [.. SourceFile.All.SelectMany(TooLong)];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    public void TooLong_OfALine_IsFoundOutsideOfRawTexts()
    {
        string raw = "\"\"\"", full = new('x', MaxColumns);
        Assert.IsEmpty(TooLong(new SourceFile("a.cs", $"// {full[3..]}\nstring s = {raw}\n    {full}{full}\n    {raw};\n")));
        CollectionAssert.AreEqual(new[] { "a.cs:2: 141 columns" },
            TooLong(new SourceFile("a.cs", $"int i;\r\n// {full[2..]}\r\nint j;\r\n")).ToArray());
    }

    private static IEnumerable<string> TooLong(SourceFile file) => file.Lines().Where(line => line.Line.Length > MaxColumns)
        .Select(line => $"{file.Path}:{line.Number}: {line.Line.Length} columns");
}

using Ebsp.Compiler.Data;
using Ebsp.Compiler.Reports;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.House.Tests;

/// <summary>README.md says what happens.</summary>
[TestClass]
public sealed class ReadmeTests
{
    private static string Readme => File.ReadAllText(TestData.Repository("README.md")).Replace("\r\n", "\n", StringComparison.Ordinal);

    [TestMethod]
    public void Sample_Output_IsThatOfTheReadme()
    {
        using StringWriter output = new() { NewLine = "\n" };
        Samples.Digits.Program.Run(output);
        string block = $"```\n{output}```\n";
        const string first = "```\naccuracy ";
        int start = Readme.IndexOf(first, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, start, "README.md does not show the sample's output.");
        int end = Readme.IndexOf("```\n", start + 4, StringComparison.Ordinal) + 4;
        if (Golden.Bless)
            Golden.Check("README.md", Readme[..start] + block + Readme[end..]);
        else
            Assert.AreEqual(Readme[start..end], block);
    }

    [TestMethod]
    public void Item_OfReadme_IsThatOfTheTemplate()
    {
        const string template = "templates/Ebsp.Templates/content/ebsp-console/";
        string program = File.ReadAllText(TestData.Repository(template + "Program.cs"));
        Assert.Contains(Block("xml"), File.ReadAllText(TestData.Repository(template + "EbspConsole.csproj")));
        Assert.Contains(Block("csharp"), program);
        Assert.Contains($"`Program.cs` has {program.Count(c => c == '\n')} lines", Readme);

        static string Block(string language)
        {
            string start = $"```{language}\n";
            int at = Readme.IndexOf(start, StringComparison.Ordinal) + start.Length;
            return Readme[at..Readme.IndexOf("\n```", at, StringComparison.Ordinal)];
        }
    }

    [TestMethod]
    public void CompilerExample_OfReadme_IsTheCompiledOneAndWorks()
    {
        Assert.Contains(Example("ReadmeCompilerExample.cs"), Readme);
        (Accuracy accuracy, RunTime time) = ReadmeCompilerExample.Run(TestData.Repository("samples/Digits"));
        Assert.AreEqual(360, accuracy.Images);
        Assert.IsGreaterThan(350, accuracy.Correct);
        Assert.IsGreaterThan(0, time.CyclesPerImage);
    }

    [TestMethod]
    public void Example_OfReadme_IsTheCompiledOne()
    {
        Assert.Contains(Example("ReadmeExample.cs"), Readme);

        using TemporaryFolder folder = new();
        ImageSet digits = DataReader.Read(DigitsModel.HeldOut, new DataOptions { Count = 5 });
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        for (int n = 0; n < digits.Count; n++)
        {
            (int answer, long cycles) = ReadmeExample.Classify(program, digits.PixelsOf(n));
            Assert.AreEqual(digits.Labels![n], answer);
            Assert.IsGreaterThan(0, cycles);
        }
    }

    // The lines between the marks of a source file, as a block of the README.
    private static string Example(string file)
    {
        string source = File.ReadAllText(TestData.Repository($"tests/Ebsp.House.Tests/{file}"));
        string[] lines = source[source.IndexOf("// begin", StringComparison.Ordinal)..source.IndexOf("// end", StringComparison.Ordinal)]
            .Split('\n')[1..^1];
        return $"```csharp\n{string.Concat(lines.Select(line => line.TrimEnd('\r')[8..] + "\n"))}```\n";
    }

    [TestMethod]
    public void QuickStart_Commands_Work()
    {
        using TemporaryFolder folder = new();
        string[] commands = [.. Readme.Split('\n').Where(line => line.StartsWith("ebspc ", StringComparison.Ordinal))];
        Assert.HasCount(5, commands);
        CliResult last = null!;
        foreach (string command in commands)
        {
            string[] words = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(word =>
                word.StartsWith("samples/", StringComparison.Ordinal) ? TestData.Repository(word)
                : word.EndsWith(".pb", StringComparison.Ordinal) || word.EndsWith(".ebsp", StringComparison.Ordinal)
                    ? folder.File(word)
                    : word)];
            last = Ebspc.Run(words).Expect(0);
        }

        Assert.Contains("that 359 of the 360 answers are those of the float network", Readme);
        Assert.Contains(" 359 of 360 as ", last.Out);
    }
}

using Ebsp.SourceGen.Tests.Kit;
using Ebsp.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ebsp.SourceGen.Tests;

/// <summary>Holds the code in docs/generated-code.md to what the generator makes.</summary>
[TestClass]
public sealed class GeneratedCodePageTests
{
    private const string Page = "docs/generated-code.md";
    private const string Fence = "```csharp\n";
    private const string FenceEnd = "```\n";
    private static readonly SampleManifest Digits = new();

    [TestMethod]
    public void Class_OnThePage_IsTheGeneratedOne()
    {
        string page = Text();
        (int start, int end) = Block(page, "<!-- written by a test -->\n");
        string made = Generators.Run(Digits).GeneratedSources.Single().SourceText.ToString();
        Golden.Check(Page, page[..start] + made + page[end..]);
    }

    [TestMethod]
    public void Use_OnThePage_Compiles()
    {
        string page = Text();
        (int start, int end) = Block(page, "<!-- compiled by a test -->\n");
        CSharpCompilationOptions program = Generators.Options.WithOutputKind(OutputKind.ConsoleApplication);
        Generators.CheckCompiles(Generators.Compile([Digits], page[start..end], options: program));
        Generators.CheckCompiles(Generators.Compile([Digits with { HasFacts = false }], page[start..end], options: program));
    }

    private static string Text() => File.ReadAllText(Path.Combine(Golden.RepositoryRoot, Page))
        .Replace("\r\n", "\n", StringComparison.Ordinal);

    // Where the code of the block after a mark starts and ends.
    private static (int Start, int End) Block(string page, string mark)
    {
        int at = page.IndexOf(mark + Fence, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, at, $"{Page} lacks the block after {mark}");
        int start = at + mark.Length + Fence.Length;
        return (start, page.IndexOf(FenceEnd, start, StringComparison.Ordinal));
    }
}

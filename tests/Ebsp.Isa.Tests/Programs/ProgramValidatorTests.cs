using Ebsp.Isa.Programs;
using Ebsp.TestKit.Programs;
using Ebsp.TestKit;

namespace Ebsp.Isa.Tests.Programs;

[TestClass]
public sealed class ProgramValidatorTests
{
    [TestMethod]
    public void Open_OneRuleBroken_IsRefusedByThatRule()
    {
        List<string> wrong = [];
        foreach (RuleBreaker breaker in RuleBreaker.All)
        {
            try
            {
                ProgramReader.Open(breaker.File(), breaker.RunOn);
                wrong.Add($"{breaker}: accepted");
            }
            catch (EbspFormatException refusal)
            {
                if (refusal.Rule != breaker.Rule)
                    wrong.Add($"{breaker}: {refusal.Message}");
            }
        }

        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong));
    }

    [TestMethod]
    public void RuleBreakers_CoverEveryRule()
    {
        CollectionAssert.AreEquivalent(Enum.GetValues<ProgramRule>(), RuleBreaker.All.Select(b => b.Rule).Distinct().ToArray());
    }

    [TestMethod]
    public void Refusal_OfAnInstruction_SaysWhere()
    {
        RuleBreaker breaker = RuleBreaker.All.First(b => b.What == "conv psums");
        EbspFormatException refusal = Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.Open(breaker.File()));
        Assert.AreEqual("EBSP4004", refusal.Code);
        Assert.AreEqual("instruction 3 (conv)", refusal.Where);
        Assert.AreEqual("operand psum reaches byte 32776 of region psum, which has 32768", refusal.Cause);
        Assert.AreEqual(0x11, breaker.File()[refusal.Offset]);
    }

    [TestMethod]
    public void Document_OfTheFormat_ListsEveryRule()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Golden.RepositoryRoot, "docs", "ebsp-file.md"));
        foreach (ProgramRule rule in Enum.GetValues<ProgramRule>())
            Assert.IsTrue(lines.Any(line => line.StartsWith($"| EBSP{(int)rule} | {rule}: ", StringComparison.Ordinal)),
                $"{rule} is not in the document");
        Assert.AreEqual(Enum.GetValues<ProgramRule>().Length, lines.Count(line => line.StartsWith("| EBSP", StringComparison.Ordinal)));
    }
}

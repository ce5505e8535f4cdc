using Ebsp.Isa.Instructions;
using Ebsp.TestKit;

namespace Ebsp.Isa.Tests.Instructions;

[TestClass]
public sealed class IsaDocumentTests
{
    [TestMethod]
    public void Write_Always_EqualsTheCommittedManual() => Golden.Check("docs/isa.md", IsaDocument.Write());

    [TestMethod]
    public void Write_EveryUnitAndRegion_StandsInTheProseUnderItsNumber()
    {
        string manual = IsaDocument.Write();
        foreach (Unit unit in Enum.GetValues<Unit>())
            StringAssert.Contains(manual, $"| {(int)unit} | {unit.ToString().ToLowerInvariant()} |", null);
        foreach (Region region in Enum.GetValues<Region>())
            StringAssert.Contains(manual, $"| {(int)region} | {region.ToString().ToLowerInvariant()} |", null);
    }

    [TestMethod]
    public void Write_ExampleOfAssemblyText_Assembles()
    {
        string example = IsaDocument.Write().Split('\n').Single(line => line.StartsWith("    conv ", StringComparison.Ordinal));
        Assert.AreEqual(example.Trim(), Assembler.Assemble(example).Single().ToString());
    }

    // In Markdown a star between letters starts an emphasis and takes both stars of a*b*c away.
    [TestMethod]
    public void Write_ProductsInProse_StandInCodeOrBetweenSpaces()
    {
        foreach (string line in IsaDocument.Write().Split('\n'))
        {
            string prose = line.StartsWith("    ", StringComparison.Ordinal)
                ? ""
                : string.Concat(line.Split('`').Where((_, i) => i % 2 == 0));
            Assert.AreEqual(prose.Count(c => c == '*'), prose.Split(" * ").Length - 1, line);
        }
    }
}

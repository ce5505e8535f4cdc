using System.Text.RegularExpressions;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Diagnostics;

[TestClass]
public sealed partial class GeneratedPagesTests
{
    [TestMethod]
    public void Write_Committed_IsTheSame()
    {
        Golden.Check("docs/diagnostics.md", DiagnosticsPage.Write());
        Golden.Check("docs/operators.md", OperatorsPage.Write());
    }

    [TestMethod]
    public void All_Rows_HaveDistinctCodesAndWholeTexts()
    {
        CollectionAssert.AllItemsAreUnique(DiagnosticDescriptors.All.Select(row => row.Code).ToArray());
        Assert.Contains(DiagnosticDescriptors.ModelUnreadable, DiagnosticDescriptors.All);
        foreach (DiagnosticDescriptor row in DiagnosticDescriptors.All)
        {
            Assert.IsTrue(Code().IsMatch(row.Code), row.Code);
            Assert.IsTrue(row.Example.Contains($"error {row.Code}: ", StringComparison.Ordinal)
                || row.Example.Contains($"warning {row.Code}: ", StringComparison.Ordinal), row.Example);
            Assert.EndsWith(row.Fix, row.Example);
            Assert.EndsWith(".", row.Cause);
            Assert.EndsWith(".", row.Fix);
        }
    }

    [TestMethod]
    public void At_Arguments_FillTheCause()
    {
        Diagnostic diagnostic = DiagnosticDescriptors.MalformedMessage.At("a.onnx", null, 1234567, "x");
        Assert.StartsWith("a.onnx: error EBSP1003: at byte 1234567: x. The file", diagnostic.ToString());
    }

    [GeneratedRegex("^EBSP[1-9][0-9]{3}$")]
    private static partial Regex Code();
}

using System.Text;

namespace Ebsp.Compiler.Diagnostics;

/// <summary>docs/diagnostics.md, made from the table of codes.</summary>
public static class DiagnosticsPage
{
    /// <summary>The page as Markdown, lines ended by \n.</summary>
    public static string Write()
    {
        StringBuilder page = new(
            "# Diagnostics\n\nEvery message has a code, the file, the node where there is one, the cause and the fix. This page is " +
            "generated from the table in\n`Ebsp.Compiler/Diagnostics`; a test compares the two (`EBSP_BLESS=1` writes it anew). `[...]` " +
            "stands for what is filled in.\n");
        foreach (DiagnosticDescriptor row in DiagnosticDescriptors.All)
        {
            page.Append('\n').Append("## ").Append(row.Code).Append(' ').Append(row.Title).Append("\n\n")
                .Append("- Cause: ").Append(row.Blank).Append('\n')
                .Append("- Fix: ").Append(row.Fix).Append('\n')
                .Append("- Example: `").Append(row.Example).Append("`\n");
        }

        return page.ToString();
    }
}

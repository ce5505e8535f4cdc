using System.Globalization;
using System.Text;

namespace Ebsp.Compiler.Import;

/// <summary>docs/operators.md, made from the table of operators.</summary>
public static class OperatorsPage
{
    /// <summary>The page as Markdown, lines ended by \n.</summary>
    public static string Write()
    {
        StringBuilder page = new();
        page.Append(string.Create(CultureInfo.InvariantCulture, $"""
            # ONNX operators

            What `ebspc import` maps, of the domain ai.onnx, operator sets {OnnxOperators.MinOpset} to {OnnxOperators.MaxOpset}. A model has one float32 input N x C x H x W (or N x F) and one output;
            the batch N may have any size. Everything else is refused, all offending nodes at once. An attribute that is not looked at is a
            reason to refuse. This page is generated from the table in `Ebsp.Compiler/Import/OnnxOperators.cs`; a test compares the two.

            | operator | forms that map |
            | --- | --- |

            """).ReplaceLineEndings("\n"));
        foreach (OnnxOperator op in OnnxOperators.All.Values.OrderBy(op => op.Type, StringComparer.Ordinal))
            page.Append(CultureInfo.InvariantCulture, $"| {op.Type} | {op.Form} |\n");
        return page.ToString();
    }
}

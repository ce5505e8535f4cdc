using System.CommandLine;
using Ebsp.Compiler.Quantization;

namespace Ebsp.Tool;

/// <summary>Options of formats, for quantizing and for training.</summary>
internal static class FormatOptions
{
    /// <summary>Format of operands, <c>B:k</c>.</summary>
    public static Option<OperandFormat?> Format(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "B:k",
        CustomParser = result =>
        {
            if (OperandFormat.TryParse(result.Tokens[0].Value, out OperandFormat format))
                return format;
            result.AddError($"{name} '{result.Tokens[0].Value}' is not of the form 6:3 or 6:3x2 (bits 2..8, pattern length 1..4, two " +
                "terms)");
            return null;
        },
    };

    /// <summary>How activations are clipped.</summary>
    public static Option<ClipRule> Clip(string description) => new("--clip")
    {
        Description = description,
        HelpName = "search|max|percentile:99.99",
        CustomParser = result =>
        {
            if (!ClipRule.TryParse(result.Tokens[0].Value, out ClipRule rule))
                result.AddError($"--clip '{result.Tokens[0].Value}' is not search, max or percentile:P with 50 < P <= 100");
            return rule;
        },
    };
}

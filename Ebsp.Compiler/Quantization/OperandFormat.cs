using System.Globalization;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Width and pattern length of an operand; its sign follows from the tensor.</summary>
/// <param name="Bits">B, 1..8 (2..8 with a sign).</param>
/// <param name="PatternLength">k, 1..4; 0 for plain integers, which no PE array accepts.</param>
/// <param name="Kind">Window, or single runs; ignored for plain integers.</param>
/// <param name="Terms">1, or 2: the operand is the sum of two values of the format on one scale, window formats only.</param>
public readonly record struct OperandFormat(int Bits, int PatternLength, FormatKind Kind = FormatKind.Window, int Terms = 1)
{
    /// <summary>Plain 8-bit integers.</summary>
    public static OperandFormat Plain8 { get; } = new(8, 0, FormatKind.Uniform);

    /// <summary>The format with or without a sign; k is cut to the magnitude bits.</summary>
    public PatternFormat WithSign(bool signed)
    {
        int magnitudeBits = signed ? Bits - 1 : Bits;
        return PatternLength == 0 ? PatternFormat.Uniform(Bits, signed)
            : PatternFormat.Create(Bits, Math.Min(PatternLength, magnitudeBits), signed, Kind);
    }

    /// <summary>Whether both signs exist.</summary>
    public bool IsValid => Bits is >= 2 and <= PatternFormat.MaxOperandBits && PatternLength is >= 0 and <= PatternFormat.MaxPatternLength
        && (PatternLength == 0 || PatternLength <= Bits) && (Terms == 1 || (Terms == 2 && PatternLength > 0 && Kind == FormatKind.Window));

    /// <summary>Reads <c>6:3</c>, <c>6:3r</c> for single runs, <c>6:3x2</c> for two terms, or <c>8</c> for plain integers.</summary>
    public static bool TryParse(string text, out OperandFormat format)
    {
        ArgumentNullException.ThrowIfNull(text);
        format = default;
        int terms = text.EndsWith("x2", StringComparison.Ordinal) ? 2 : 1;
        text = terms == 2 ? text[..^2] : text;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        bool runs = colon >= 0 && text.EndsWith('r');
        string pattern = colon < 0 ? "0" : text[(colon + 1)..(runs ? ^1 : ^0)];
        if (!int.TryParse(colon < 0 ? text : text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            || !int.TryParse(pattern, NumberStyles.None, CultureInfo.InvariantCulture, out int patternLength)
            || (colon >= 0 && patternLength == 0))
            return false;
        format = new OperandFormat(bits, patternLength, colon < 0 ? FormatKind.Uniform : runs ? FormatKind.SingleRun : FormatKind.Window,
            terms);
        return format.IsValid;
    }

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Bits}{(PatternLength == 0 ? "" : $":{PatternLength}")}" +
        $"{(PatternLength != 0 && Kind == FormatKind.SingleRun ? "r" : "")}{(Terms == 2 ? "x2" : "")}");
}

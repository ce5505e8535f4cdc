using System.Globalization;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Width and pattern length of an operand; its sign follows from the tensor.</summary>
/// <param name="Bits">B, 1..8 (2..8 with a sign).</param>
/// <param name="PatternLength">k, 1..4; 0 for plain integers, which no PE array accepts.</param>
/// <param name="Kind">Window, or single runs; ignored for plain integers.</param>
public readonly record struct OperandFormat(int Bits, int PatternLength, FormatKind Kind = FormatKind.Window)
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
        && (PatternLength == 0 || PatternLength <= Bits);

    /// <summary>Reads <c>6:3</c>, <c>6:3r</c> for single runs, or <c>8</c> for plain integers.</summary>
    public static bool TryParse(string text, out OperandFormat format)
    {
        ArgumentNullException.ThrowIfNull(text);
        format = default;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        bool runs = colon >= 0 && text.EndsWith('r');
        string pattern = colon < 0 ? "0" : text[(colon + 1)..(runs ? ^1 : ^0)];
        if (!int.TryParse(colon < 0 ? text : text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            || !int.TryParse(pattern, NumberStyles.None, CultureInfo.InvariantCulture, out int patternLength)
            || (colon >= 0 && patternLength == 0))
            return false;
        format = new OperandFormat(bits, patternLength, colon < 0 ? FormatKind.Uniform : runs ? FormatKind.SingleRun : FormatKind.Window);
        return format.IsValid;
    }

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Bits}{(PatternLength == 0 ? "" : $":{PatternLength}")}{(PatternLength != 0 && Kind == FormatKind.SingleRun ? "r" : "")}");
}

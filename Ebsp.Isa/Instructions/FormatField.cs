using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>A <see cref="PatternFormat"/> as a 12-bit field: bits B (0..5), pattern length k (6..8), signed (9), kind (10..11).</summary>
public static class FormatField
{
    /// <summary>Width of the field in bits.</summary>
    public const int Width = 12;

    /// <summary>The field of a format.</summary>
    public static long Encode(PatternFormat format) =>
        (long)format.Bits | (long)format.PatternLength << 6 | (format.Signed ? 1L << 9 : 0) | (long)format.Kind << 10;

    /// <summary>The format of a field that <see cref="IsValid"/> accepts.</summary>
    public static PatternFormat Decode(long field) => PatternFormat.Create(Bits(field), Length(field), Signed(field), Kind(field));

    /// <summary>Whether a field names a format.</summary>
    public static bool IsValid(long field) =>
        field is >= 0 and < 1 << Width && PatternFormat.IsValid(Bits(field), Length(field), Signed(field), Kind(field));

    private static int Bits(long field) => (int)(field & 0x3F);

    private static int Length(long field) => (int)(field >> 6 & 7);

    private static bool Signed(long field) => (field >> 9 & 1) != 0;

    private static FormatKind Kind(long field) => (FormatKind)(field >> 10 & 3);
}

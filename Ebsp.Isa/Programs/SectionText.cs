using System.Text;

namespace Ebsp.Isa.Programs;

/// <summary>Texts of a program: names that are safe to print on a terminal and to write into source.</summary>
internal static class SectionText
{
    /// <summary>Longest text in UTF-8 bytes.</summary>
    public const int MaxBytes = 1024;

    /// <summary>UTF-8 that refuses what is not text instead of replacing it.</summary>
    public static UTF8Encoding Utf8 { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null, or why a text may not stand in a program.</summary>
    public static string? Violation(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || IsBidiOrBreak(rune.Value))
                return $"character U+{rune.Value:X4} may not stand in a text";
        }

        return null;
    }

    // The marks, embeddings, overrides and isolates of the bidirectional algorithm, and the line and paragraph separators.
    private static bool IsBidiOrBreak(int rune) =>
        rune is 0x061C or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}

using System.Globalization;
using System.Text;

namespace Ebsp.SourceGen;

/// <summary>Names as data in C# text: one way for literals, one for documentation, one for messages. All give printable ASCII on one
/// line.</summary>
internal static class CSharpText
{
    // A tooltip or a message needs no more of a name.
    private const int Shown = 100;

    /// <summary>A string literal; a character outside the basic plane is two escapes, which the compiler puts together again.</summary>
    public static string Literal(string value)
    {
        StringBuilder literal = new(value.Length + 2);
        literal.Append('"');
        foreach (char unit in value)
        {
            if (unit is '"' or '\\')
                literal.Append('\\').Append(unit);
            else
                Append(literal, unit);
        }

        return literal.Append('"').ToString();
    }

    /// <summary>Text of an XML documentation comment; what is no visible character becomes U+FFFD. Never empty.</summary>
    public static string Xml(string value)
    {
        if (value.Length == 0)
            return "(no name)";
        StringBuilder xml = new();
        int shown = 0;
        for (int i = 0; i < value.Length; i++, shown++)
        {
            if (shown == Shown)
                return xml.Append("...").ToString();
            if (value[i] is >= ' ' and <= '~' and not ('<' or '>' or '&' or '"' or '\''))
            {
                xml.Append(value[i]);
                continue;
            }

            int point = char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])
                ? char.ConvertToUtf32(value, i)
                : value[i];
            bool visible = CharUnicodeInfo.GetUnicodeCategory(value, i)
                is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            xml.Append("&#x").Append((visible ? point : 0xFFFD).ToString("X", CultureInfo.InvariantCulture)).Append(';');
            if (point > 0xFFFF)
                i++;
        }

        return xml.ToString();
    }

    /// <summary>A name within a message.</summary>
    public static string Message(string value)
    {
        StringBuilder message = new();
        foreach (char unit in value.Length <= Shown ? value : value.Substring(0, Shown))
            Append(message, unit);
        return message.Append(value.Length <= Shown ? "" : "...").ToString();
    }

    private static void Append(StringBuilder text, char unit)
    {
        if (unit is >= ' ' and <= '~')
            text.Append(unit);
        else
            text.Append("\\u").Append(((int)unit).ToString("X4", CultureInfo.InvariantCulture));
    }
}

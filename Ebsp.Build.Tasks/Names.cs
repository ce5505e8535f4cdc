using System.Globalization;
using System.Text;

namespace Ebsp.Build.Tasks;

/// <summary>Names of C# and of files, made of names of files and projects.</summary>
internal static class Names
{
    private const int MaxStem = 40;

    // Reserved words, and words that cannot name a type.
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal",
            "default", "delegate",
        "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if",
            "implicit", "in",
        "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out", "override", "params",
            "private",
        "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string",
            "struct", "switch", "this",
        "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
    };

    private static readonly HashSet<string> NoTypes = new(StringComparer.Ordinal)
    {
        "dynamic", "extension", "field", "file", "managed", "nint", "notnull", "nuint", "partial", "record", "required", "scoped",
            "unmanaged", "value", "var", "where", "yield",
    };

    /// <summary>The class of a model: resnet-20.onnx becomes Resnet20Model.</summary>
    public static string ClassOf(string fileName)
    {
        StringBuilder name = new();
        bool first = true;
        foreach (char unit in WithoutExtension(fileName))
        {
            if (!char.IsLetterOrDigit(unit))
            {
                first = true;
                continue;
            }

            if (name.Length == 0 && char.IsDigit(unit))
                name.Append('_');
            name.Append(first ? char.ToUpperInvariant(unit) : unit);
            first = false;
        }

        return name.Append("Model").ToString();
    }

    /// <summary>A namespace of whatever a project calls its own: my-app becomes my_app, 2048-game _2048_game.</summary>
    public static string NamespaceOf(string rootNamespace) =>
        string.Join(".", rootNamespace.Split('.').Where(part => part.Length > 0).Select(Identifier));

    /// <summary>Whether a text is a namespace of C#, without keywords.</summary>
    public static bool IsNamespace(string text) => text.Split('.').All(IsIdentifier);

    /// <summary>Whether a text can name a class of C#.</summary>
    public static bool IsClassName(string text) => IsIdentifier(text) && !NoTypes.Contains(text);

    /// <summary>A name for output files: ASCII letters, digits, - and _, at most 40; the rest becomes _.</summary>
    public static string FileStem(string fileName)
    {
        string stem = WithoutExtension(fileName);
        StringBuilder name = new();
        foreach (char unit in stem.Length > MaxStem ? stem.Substring(0, MaxStem) : stem)
            name.Append(unit is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' ? unit : '_');
        return name.Length == 0 ? "_" : name.ToString();
    }

    // The last extension alone: digits.q.pb is digits.q.
    private static string WithoutExtension(string fileName)
    {
        int dot = fileName.LastIndexOf('.');
        return dot > 0 ? fileName.Substring(0, dot) : fileName;
    }

    private static string Identifier(string part)
    {
        StringBuilder name = new();
        foreach (char unit in part)
            name.Append(IsPart(unit) ? unit : '_');
        return !IsStart(name[0]) || Keywords.Contains(name.ToString()) ? name.Insert(0, '_').ToString() : name.ToString();
    }

    private static bool IsIdentifier(string text) => text.Length > 0 && IsStart(text[0]) && text.All(IsPart) && !Keywords.Contains(text);

    private static bool IsStart(char unit) => unit == '_'
        || char.GetUnicodeCategory(unit) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber;

    // Without formatting characters, which C# would drop and people do not see.
    private static bool IsPart(char unit) => IsStart(unit) || char.GetUnicodeCategory(unit) is UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}

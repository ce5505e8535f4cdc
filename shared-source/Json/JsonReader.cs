using System.Text;

namespace Ebsp.Json;

/// <summary>
/// Reads a JSON text (RFC 8259) without any leniency: no comments, no trailing commas, no name twice in an object, no lone surrogates,
/// no byte-order mark, at most <see cref="MaxDepth"/> arrays and objects within each other.
/// </summary>
internal sealed class JsonReader
{
    /// <summary>How many arrays and objects may lie within each other.</summary>
    public const int MaxDepth = 64;

    private readonly string text;
    private readonly StringBuilder buffer = new();
    private int at;

    private JsonReader(string text) => this.text = text;

    /// <summary>The one value of a text.</summary>
    /// <exception cref="JsonException">The text is anything else; nothing but this is thrown.</exception>
    public static JsonValue Read(string text)
    {
        JsonReader reader = new(text);
        reader.SkipSpace();
        JsonValue value = reader.Value(0);
        reader.SkipSpace();
        return reader.at == text.Length ? value : throw reader.Error("something follows the value");
    }

    private JsonValue Value(int depth)
    {
        int start = at;
        switch (Peek())
        {
            case '{':
                return Object(Deeper(depth));
            case '[':
                return Array(Deeper(depth));
            case '"':
                return JsonValue.Literal(JsonKind.String, start, String());
            case 't':
                return Word("true", JsonKind.Boolean);
            case 'f':
                return Word("false", JsonKind.Boolean);
            case 'n':
                return Word("null", JsonKind.Null);
            case '-' or (>= '0' and <= '9'):
                return Number();
            default:
                throw Error("a value is missing");
        }
    }

    private int Deeper(int depth) => depth < MaxDepth ? depth + 1 : throw Error("values are nested too deeply");

    private JsonValue Object(int depth)
    {
        int start = at++;
        List<KeyValuePair<string, JsonValue>> members = [];
        Dictionary<string, JsonValue> byName = new(StringComparer.Ordinal);
        SkipSpace();
        if (Take('}'))
            return JsonValue.Object(start, members, byName);
        do
        {
            SkipSpace();
            int nameAt = at;
            if (Peek() != '"')
                throw Error("a name is missing");
            string name = String();
            if (byName.ContainsKey(name))
                throw new JsonException("a name occurs twice in one object", nameAt);
            SkipSpace();
            if (!Take(':'))
                throw Error("a colon is missing");
            SkipSpace();
            JsonValue value = Value(depth);
            byName.Add(name, value);
            members.Add(new KeyValuePair<string, JsonValue>(name, value));
            SkipSpace();
        }
        while (Take(','));
        return Take('}') ? JsonValue.Object(start, members, byName) : throw Error("a comma or the object's end is missing");
    }

    private JsonValue Array(int depth)
    {
        int start = at++;
        List<JsonValue> items = [];
        SkipSpace();
        if (Take(']'))
            return JsonValue.Array(start, items);
        do
        {
            SkipSpace();
            items.Add(Value(depth));
            SkipSpace();
        }
        while (Take(','));
        return Take(']') ? JsonValue.Array(start, items) : throw Error("a comma or the array's end is missing");
    }

    private JsonValue Word(string word, JsonKind kind)
    {
        int start = at;
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
            throw Error("a value is missing");
        at += word.Length;
        return JsonValue.Literal(kind, start, word);
    }

    private JsonValue Number()
    {
        int start = at;
        Take('-');
        if (!Take('0'))
            Digits();
        if (Take('.'))
            Digits();
        if (Take('e') || Take('E'))
        {
            if (!Take('+'))
                Take('-');
            Digits();
        }

        return JsonValue.Literal(JsonKind.Number, start, text.Substring(start, at - start));
    }

    private void Digits()
    {
        int start = at;
        while (Peek() is >= '0' and <= '9')
            at++;
        if (at == start)
            throw Error("a digit is missing");
    }

    private string String()
    {
        at++;
        buffer.Clear();
        while (true)
        {
            if (at == text.Length)
                throw Error("a string has no end");
            char unit = text[at];
            switch (unit)
            {
                case '"':
                    at++;
                    return buffer.ToString();
                case '\\':
                    Escape();
                    break;
                case < ' ':
                    throw Error("a string holds a control character");
                default:
                    int length = char.IsSurrogate(unit) ? 2 : 1;
                    if (length == 2 && !(at + 1 < text.Length && char.IsSurrogatePair(unit, text[at + 1])))
                        throw Error("a surrogate stands alone");
                    buffer.Append(text, at, length);
                    at += length;
                    break;
            }
        }
    }

    private void Escape()
    {
        int start = at++;
        char letter = Peek();
        at++;
        switch (letter)
        {
            case '"' or '\\' or '/':
                buffer.Append(letter);
                break;
            case 'b':
                buffer.Append('\b');
                break;
            case 'f':
                buffer.Append('\f');
                break;
            case 'n':
                buffer.Append('\n');
                break;
            case 'r':
                buffer.Append('\r');
                break;
            case 't':
                buffer.Append('\t');
                break;
            case 'u':
                char first = HexUnit(start);
                buffer.Append(first);
                if (!char.IsSurrogate(first))
                    break;
                if (!(Take('\\') && Take('u')))
                    throw new JsonException("a surrogate stands alone", start);
                char second = HexUnit(start);
                if (!char.IsSurrogatePair(first, second))
                    throw new JsonException("a surrogate stands alone", start);
                buffer.Append(second);
                break;
            default:
                throw new JsonException("an escape is unknown", start);
        }
    }

    private char HexUnit(int start)
    {
        int value = 0;
        for (int digit = 0; digit < 4; digit++, at++)
        {
            char unit = Peek();
            int part = unit switch
            {
                >= '0' and <= '9' => unit - '0',
                >= 'a' and <= 'f' => unit - 'a' + 10,
                >= 'A' and <= 'F' => unit - 'A' + 10,
                _ => throw new JsonException("an escape has not four hexadecimal digits", start),
            };
            value = (value << 4) | part;
        }

        return (char)value;
    }

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t' or '\n' or '\r' && at < text.Length)
            at++;
    }

    // NUL is no part of JSON outside strings, and within them it is refused: it can stand for the end.
    private char Peek() => at < text.Length ? text[at] : '\0';

    private bool Take(char unit)
    {
        if (Peek() != unit)
            return false;
        at++;
        return true;
    }

    private JsonException Error(string reason) => new(reason, at);
}

using System.Globalization;
using System.Text;

namespace Ebsp.Json;

/// <summary>
/// Writes JSON on one line, members in the order of the calls, nothing but printable ASCII; commas come by themselves. It does not check
/// that calls make sense: what it wrote is checked by reading it.
/// </summary>
internal sealed class JsonWriter
{
    private readonly StringBuilder text = new();
    private bool comma;

    /// <summary>A string with its quotation marks, all but printable ASCII as <c>\uXXXX</c>.</summary>
    public static string Quote(string value)
    {
        StringBuilder quoted = new(value.Length + 2);
        AppendQuoted(quoted, value);
        return quoted.ToString();
    }

    /// <summary>Starts an object.</summary>
    public JsonWriter BeginObject() => Begin('{');

    /// <summary>Ends an object.</summary>
    public JsonWriter EndObject() => End('}');

    /// <summary>Starts an array.</summary>
    public JsonWriter BeginArray() => Begin('[');

    /// <summary>Ends an array.</summary>
    public JsonWriter EndArray() => End(']');

    /// <summary>The name of the member whose value the next call writes.</summary>
    public JsonWriter Name(string name)
    {
        Separate();
        AppendQuoted(text, name);
        text.Append(':');
        comma = false;
        return this;
    }

    /// <summary>A string, or <c>null</c>. Lone surrogates are written as they are, and refused by <see cref="JsonReader"/>.</summary>
    public JsonWriter Value(string? value)
    {
        Separate();
        if (value is null)
            text.Append("null");
        else
            AppendQuoted(text, value);
        return this;
    }

    /// <summary>A whole number.</summary>
    public JsonWriter Value(long value)
    {
        Separate();
        text.Append(value.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>A truth value.</summary>
    public JsonWriter Value(bool value)
    {
        Separate();
        text.Append(value ? "true" : "false");
        return this;
    }

    /// <summary>A value that was read, with everything in it; numbers keep their spelling.</summary>
    public JsonWriter Value(JsonValue value)
    {
        switch (value.Kind)
        {
            case JsonKind.Object:
                BeginObject();
                foreach (KeyValuePair<string, JsonValue> member in value.Members)
                    Name(member.Key).Value(member.Value);
                return EndObject();
            case JsonKind.Array:
                BeginArray();
                foreach (JsonValue item in value.Items)
                    Value(item);
                return EndArray();
            case JsonKind.String:
                return Value(value.Text);
            default:
                Separate();
                text.Append(value.Text);
                return this;
        }
    }

    /// <summary>What was written so far.</summary>
    public override string ToString() => text.ToString();

    private static void AppendQuoted(StringBuilder target, string value)
    {
        target.Append('"');
        foreach (char unit in value)
        {
            if (unit is '"' or '\\')
                target.Append('\\').Append(unit);
            else if (unit is >= ' ' and <= '~')
                target.Append(unit);
            else
                target.Append("\\u").Append(((int)unit).ToString("x4", CultureInfo.InvariantCulture));
        }

        target.Append('"');
    }

    private JsonWriter Begin(char mark)
    {
        Separate();
        text.Append(mark);
        comma = false;
        return this;
    }

    private JsonWriter End(char mark)
    {
        text.Append(mark);
        comma = true;
        return this;
    }

    private void Separate()
    {
        if (comma)
            text.Append(',');
        comma = true;
    }
}

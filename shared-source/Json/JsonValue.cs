using System.Globalization;

namespace Ebsp.Json;

/// <summary>A value of a JSON text; it never changes. The accessors give null where the value is of another kind.</summary>
internal sealed class JsonValue
{
    private static readonly JsonValue[] NoItems = [];
    private static readonly KeyValuePair<string, JsonValue>[] NoMembers = [];
    private readonly Dictionary<string, JsonValue>? byName;

    private JsonValue(JsonKind kind, int position, string text, IReadOnlyList<JsonValue>? items = null,
        IReadOnlyList<KeyValuePair<string, JsonValue>>? members = null,
        Dictionary<string, JsonValue>? byName = null)
    {
        Kind = kind;
        Position = position;
        Text = text;
        Items = items ?? NoItems;
        Members = members ?? NoMembers;
        this.byName = byName;
    }

    /// <summary>What the value is.</summary>
    public JsonKind Kind { get; }

    /// <summary>Index in the text of the value's first UTF-16 unit.</summary>
    public int Position { get; }

    /// <summary>A string's characters, a number as it was written, <c>true</c>, <c>false</c> or <c>null</c>; empty for arrays and
    /// objects.</summary>
    public string Text { get; }

    /// <summary>An array's values; empty for every other kind.</summary>
    public IReadOnlyList<JsonValue> Items { get; }

    /// <summary>An object's members in the order of the text; empty for every other kind.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonValue>> Members { get; }

    /// <summary>Whether this is <c>null</c>.</summary>
    public bool IsNull => Kind == JsonKind.Null;

    /// <summary>The member of that name, or null.</summary>
    public JsonValue? Find(string name) => byName is not null && byName.TryGetValue(name, out JsonValue value) ? value : null;

    /// <summary>A string's characters.</summary>
    public string? AsString() => Kind == JsonKind.String ? Text : null;

    /// <summary>A truth value.</summary>
    public bool? AsBoolean() => Kind == JsonKind.Boolean ? Text == "true" : null;

    /// <summary>A number written without point and exponent that a long can hold.</summary>
    public long? AsInt64() =>
        Kind == JsonKind.Number && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : null;

    /// <summary>The double nearest to a number; null also where that is infinite.</summary>
    public double? AsDouble() =>
        Kind == JsonKind.Number && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && !double.IsInfinity(value) ? value : null;

    internal static JsonValue Literal(JsonKind kind, int position, string text) => new(kind, position, text);

    internal static JsonValue Array(int position, List<JsonValue> items) => new(JsonKind.Array, position, "", items.AsReadOnly());

    internal static JsonValue Object(int position, List<KeyValuePair<string, JsonValue>> members, Dictionary<string, JsonValue> byName) =>
        new(JsonKind.Object, position, "", null, members.AsReadOnly(), byName);
}

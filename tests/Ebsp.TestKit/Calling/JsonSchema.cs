using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ebsp.TestKit.Calling;

/// <summary>
/// The part of JSON Schema 2020-12 that docs/schema uses: type, properties, required, additionalProperties, items, enum, const, pattern,
/// allOf, if/then and references into $defs. An unknown keyword fails, so that none is silently ignored.
/// </summary>
public sealed class JsonSchema(JsonObject root)
{
    private static readonly HashSet<string> Known =
    [
        "$schema", "$id", "$defs", "$ref", "title", "description", "type", "properties", "required", "additionalProperties", "items",
            "enum", "const", "pattern", "allOf", "if", "then",
    ];

    /// <summary>The first offence, or null.</summary>
    public string? Check(JsonNode? value) => Check(root, value, "$");

    /// <summary>Fields that have no description.</summary>
    public IEnumerable<string> Undescribed() => Undescribed(root, "$");

    private string? Check(JsonObject schema, JsonNode? value, string path)
    {
        if (schema.FirstOrDefault(pair => !Known.Contains(pair.Key)).Key is { } unknown)
            return $"{path}: keyword {unknown}";
        if (schema["$ref"] is { } reference)
            return Check(root["$defs"]![((string)reference!)["#/$defs/".Length..]]!.AsObject(), value, path);
        if (schema["type"] is { } type && !Types(type).Any(name => Is(name, value)))
            return $"{path}: {value?.ToJsonString() ?? "null"} is no {type.ToJsonString()}";
        if (schema.TryGetPropertyValue("const", out JsonNode? constant) && !JsonNode.DeepEquals(constant, value))
            return $"{path}: {value?.ToJsonString()} is not {constant?.ToJsonString()}";
        if (schema["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            return $"{path}: {value?.ToJsonString()} is not one of {words.ToJsonString()}";
        if (schema["pattern"] is { } pattern && !Regex.IsMatch((string)value!, (string)pattern!))
            return $"{path}: {value} does not match {pattern}";
        if (value is JsonArray array && schema["items"] is JsonObject items)
        {
            for (int i = 0; i < array.Count; i++)
            {
                if (Check(items, array[i], $"{path}[{i}]") is { } offence)
                    return offence;
            }
        }

        if (value is JsonObject fields && CheckFields(schema, fields, path) is { } wrong)
            return wrong;
        foreach (JsonObject part in (schema["allOf"] as JsonArray ?? []).Select(part => part!.AsObject()))
        {
            bool applies = part["if"] is not JsonObject condition || Check(condition, value, path) is null;
            if (applies && Check((part["then"] ?? part).AsObject(), value, path) is { } offence)
                return offence;
        }

        return null;
    }

    private string? CheckFields(JsonObject schema, JsonObject value, string path)
    {
        foreach (JsonNode? name in schema["required"] as JsonArray ?? [])
        {
            if (!value.ContainsKey((string)name!))
                return $"{path}: {name} is missing";
        }

        foreach ((string name, JsonNode? field) in value)
        {
            JsonNode? rule = schema["properties"]?[name] ?? schema["additionalProperties"];
            string? offence = rule is JsonObject part ? Check(part, field, $"{path}.{name}")
                : rule is JsonValue allowed && !(bool)allowed ? $"{path}: {name} is not in the schema" : null;
            if (offence is not null)
                return offence;
        }

        return null;
    }

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray names
        ? names.Select(name => (string)name!)
        : [(string)type!];

    private static bool Is(string type, JsonNode? value) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        _ when value is not JsonValue => false,
        "integer" => value.GetValueKind() == System.Text.Json.JsonValueKind.Number && long.TryParse(value.ToJsonString(), out _),
        "number" => value.GetValueKind() == System.Text.Json.JsonValueKind.Number,
        "boolean" => value.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        "string" => value.GetValueKind() == System.Text.Json.JsonValueKind.String,
        _ => throw new NotSupportedException(type),
    };

    private static IEnumerable<string> Undescribed(JsonObject schema, string path)
    {
        foreach ((string name, JsonNode? part) in schema["$defs"] as JsonObject ?? [])
        {
            foreach (string each in Undescribed(part!.AsObject(), $"{path}.{name}"))
                yield return each;
        }

        foreach ((string name, JsonNode? field) in schema["properties"] as JsonObject ?? [])
        {
            JsonObject rule = field!.AsObject();
            if (!rule.ContainsKey("description") && !rule.ContainsKey("$ref"))
                yield return $"{path}.{name}";
            foreach (string each in Undescribed(rule, $"{path}.{name}"))
                yield return each;
        }

        if (schema["items"] is JsonObject items)
        {
            foreach (string each in Undescribed(items, path + "[]"))
                yield return each;
        }
    }
}

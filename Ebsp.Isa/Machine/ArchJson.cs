using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Ebsp.Isa.Machine;

/// <summary>The JSON form of an <see cref="ArchSpec"/>: one flat object; fields that are absent keep the default machine's value.</summary>
public static class ArchJson
{
    private const int MaxNameLength = 64;

    /// <summary>The canonical bytes: every field, fixed order, no white space, UTF-8.</summary>
    public static byte[] Write(ArchSpec arch)
    {
        ArgumentNullException.ThrowIfNull(arch);
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("name", arch.Name);
            foreach (ArchField field in ArchField.All)
                json.WriteNumber(field.Name, field.Get(arch));
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads and validates a machine.</summary>
    /// <exception cref="FormatException">Not JSON, an unknown or repeated field, a value out of range; the message names the
    /// field.</exception>
    public static ArchSpec Read(ReadOnlySpan<byte> utf8)
    {
        ArchSpec arch = ArchPresets.Default with { Name = "custom" };
        HashSet<string> seen = [];
        try
        {
            Utf8JsonReader json =
                new(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 2 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                throw new FormatException("a machine description is a JSON object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = json.GetString()!;
                if (!seen.Add(name))
                    throw new FormatException($"field '{name}' stands twice");
                json.Read();
                arch = name == "name" ? arch with { Name = ReadName(ref json) } : Set(arch, name, ref json);
            }

            json.Read();
        }
        catch (JsonException broken)
        {
            throw new FormatException($"not a JSON object of numbers: {broken.Message}", broken);
        }
        catch (InvalidOperationException broken)
        {
            // Utf8JsonReader.GetString on invalid UTF-8 or a lone surrogate.
            throw new FormatException($"not valid UTF-8: {broken.Message}", broken);
        }

        return arch;
    }

    /// <summary>The names of the structural fields in which two machines differ.</summary>
    public static IReadOnlyList<string> StructuralDifferences(ArchSpec one, ArchSpec other) =>
        [.. ArchField.All.Where(field => field.Structural && field.Get(one) != field.Get(other)).Select(field => field.Name)];

    private static ArchSpec Set(ArchSpec arch, string name, ref Utf8JsonReader json)
    {
        ArchField field = ArchField.All.FirstOrDefault(f => f.Name == name)
            ?? throw new FormatException(
                $"field '{name}' is unknown; the fields are name, {string.Join(", ", ArchField.All.Select(f => f.Name))}");
        if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long value))
            throw new FormatException($"field '{name}' must be a whole number");
        return field.Violation(value) is { } violation
            ? throw new FormatException($"field '{name}' {violation}, not {value}")
            : field.Set(arch, value);
    }

    private static string ReadName(ref Utf8JsonReader json)
    {
        string? name = json.TokenType == JsonTokenType.String ? json.GetString() : null;
        if (name is null || name.Length is 0 or > MaxNameLength || name.EnumerateRunes().Any(Rune.IsControl))
            throw new FormatException($"field 'name' must be a text of 1..{MaxNameLength} characters without control characters");
        return name;
    }
}

using System.Globalization;
using System.Text.Json;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;

namespace Ebsp.Cli.Verbs;

/// <summary>One call of a batch.</summary>
/// <param name="Id">Name of the call, which its line repeats.</param>
/// <param name="Arguments">What would stand behind <c>ebspc</c>; taken as it is, <c>@FILE</c> is not expanded.</param>
internal sealed record BatchedCall(string Id, string[] Arguments);

/// <summary>The file that <c>ebspc batch</c> takes: <c>{"request":1,"calls":[{"id":"0","arguments":["compile", ...]}, ...]}</c>, and
/// nothing else in it.</summary>
internal static class BatchRequest
{
    /// <summary>Version of the form.</summary>
    public const int Version = 1;

    /// <summary>Most calls of a request.</summary>
    public const int MaxCalls = 10_000;

    /// <summary>Most arguments of a call.</summary>
    public const int MaxArguments = 1_000;

    /// <summary>Largest request, bytes.</summary>
    public const int MaxBytes = 1 << 24;

    /// <summary>Longest id, UTF-16 code units.</summary>
    public const int MaxIdLength = 256;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Reads a request.</summary>
    /// <param name="call">Notes the file.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="EbspException">EBSP1001, EBSP7103: it cannot be read; EBSP7113: it is not of the form.</exception>
    public static IReadOnlyList<BatchedCall> Read(Call call, string path)
    {
        if (File.Exists(path) && new FileInfo(path).Length > MaxBytes)
            throw Refuse(path, null, $"it takes more than {MaxBytes} bytes");
        byte[] content = FileBytes.Read(path);
        call.Record(path, content);
        ReadOnlyMemory<byte> json = content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsMemory(3) : content;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            return Calls(path, document.RootElement);
        }
        catch (JsonException e)
        {
            throw Refuse(path, string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}"),
                "it is not JSON as RFC 8259 has it, with each field once");
        }
        catch (InvalidOperationException)
        {
            // What the reader says of a string that is half a character.
            throw Refuse(path, null, "a string of it is not Unicode text");
        }
    }

    private static List<BatchedCall> Calls(string path, JsonElement root)
    {
        Dictionary<string, JsonElement> fields = Fields(path, null, root, "request", "calls");
        if (fields["request"].ValueKind != JsonValueKind.Number || !fields["request"].TryGetInt32(out int version) || version != Version)
            throw Refuse(path, "request", $"the version of the form must be {Version}");
        List<BatchedCall> calls = [];
        HashSet<string> ids = [];
        foreach (JsonElement element in Items(path, "calls", fields["calls"], MaxCalls))
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"calls[{calls.Count}]");
            Dictionary<string, JsonElement> parts = Fields(path, where, element, "id", "arguments");
            string id = Word(path, where + ".id", parts["id"]);
            if (id.Length > MaxIdLength)
                throw Refuse(path, where + ".id", $"it has more than {MaxIdLength} characters");
            if (!ids.Add(id))
                throw Refuse(path, where + ".id", "another call has the same id");
            calls.Add(new BatchedCall(id,
                [.. Items(path, where + ".arguments", parts["arguments"], MaxArguments)
                .Select(argument => Word(path, where + ".arguments", argument))]));
        }

        return calls;
    }

    private static Dictionary<string, JsonElement> Fields(string path, string? where, JsonElement element, params string[] names)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Refuse(path, where, $"an object must stand here, with {string.Join(" and ", names)}");
        Dictionary<string, JsonElement> fields = element.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        foreach (string name in names)
        {
            if (!fields.ContainsKey(name))
                throw Refuse(path, where, $"the field '{name}' is missing");
        }

        return fields.Keys.FirstOrDefault(name => !names.Contains(name)) is { } unknown
            ? throw Refuse(path, where, $"the field '{unknown}' is not known")
            : fields;
    }

    private static JsonElement.ArrayEnumerator Items(string path, string where, JsonElement element, int limit)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw Refuse(path, where, "an array must stand here");
        return element.GetArrayLength() <= limit ? element.EnumerateArray()
            : throw Refuse(path, where,
                string.Create(CultureInfo.InvariantCulture, $"there are {element.GetArrayLength()} elements, and at most {limit} may be"));
    }

    private static string Word(string path, string where, JsonElement element) => element.ValueKind != JsonValueKind.String
        ? throw Refuse(path, where, "a string must stand here")
        : element.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw Refuse(path, where, "a string holds a NUL");

    private static EbspException Refuse(string path, string? where, string cause) =>
        DiagnosticDescriptors.BadRequest.Error(path, where, cause);
}

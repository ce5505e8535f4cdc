using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>Something that the compiler found wrong.</summary>
/// <param name="Code">EBSPnnnn.</param>
/// <param name="File">The file it is about, or null.</param>
/// <param name="Text">Node, cause and fix.</param>
internal sealed record Finding(string Code, string? File, string Text);

/// <summary>One line of `ebspc batch`: how one call ended.</summary>
/// <param name="Id">Id of the call; null if the batch itself has something to say.</param>
/// <param name="ExitCode">0 if it worked.</param>
/// <param name="Findings">What was wrong.</param>
/// <param name="Warnings">What is doubtful.</param>
/// <param name="Inputs">Files that were read, with their SHA-256.</param>
/// <param name="Facts">What the model is, or null.</param>
internal sealed record Answer(string? Id, long ExitCode, IReadOnlyList<Finding> Findings,
    IReadOnlyList<Finding> Warnings, IReadOnlyList<KeyValuePair<string, string>> Inputs, JsonValue? Facts)
{
    private const string Schema = "ebspc/1";

    /// <summary>Reads a line; null if it is anything else.</summary>
    public static Answer? Read(string line)
    {
        try
        {
            JsonValue json = JsonReader.Read(line);
            return json.Find("schema")?.AsString() == Schema && json.Find("exitCode")?.AsInt64() is { } exitCode
                ? new Answer(json.Find("id")?.AsString(), exitCode,
                    [.. (json.Find("diagnostics")?.Items ?? []).Select(FindingOf)],
                    [.. (json.Find("result")?.Find("warnings")?.Items ?? []).Select(FindingOf)],
                    [.. (json.Find("inputs")?.Items ?? [])
                        .Select(input => new KeyValuePair<string, string>(Text(input, "file") ?? "", Text(input, "sha256") ?? ""))],
                    json.Find("result")?.Find("model") is { Kind: JsonKind.Object } facts ? facts : null)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Finding FindingOf(JsonValue json)
    {
        string node = Text(json, "node") is { Length: > 0 } name ? $"{name}: " : "";
        return new Finding(Text(json, "code") ?? "EBSP9002", Text(json, "file"), $"{node}{Text(json, "cause")} {Text(json, "fix")}");
    }

    private static string? Text(JsonValue json, string name) => json.Find(name)?.AsString();
}

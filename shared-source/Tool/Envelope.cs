using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Tool;

/// <summary>What <c>--json</c> prints: one object, the same for every verb (docs/cli.md); in a batch on one line.</summary>
internal static class Envelope
{
    private const string Schema = "ebspc/1";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Prints the envelope of a call that has ended.</summary>
    public static void Write(TextWriter output, Call call, int exit) => output.WriteLine(Of(call, exit).ToJsonString(Indented));

    /// <summary>Prints the envelope of a call of a batch, or of the batch itself, on one line that a reader gets at once.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="id">Name of the call in the request; null for the batch itself.</param>
    /// <param name="call">The call.</param>
    /// <param name="exit">Its exit code.</param>
    public static void WriteLine(TextWriter output, string? id, Call call, int exit)
    {
        JsonObject envelope = Of(call, exit);
        if (id is not null)
            envelope.Insert(0, "id", id);
        output.Write(envelope.ToJsonString() + "\n");
        output.Flush();
    }

    private static JsonObject Of(Call call, int exit)
    {
        CommandResult command = call.Arguments.CommandResult;
        return new JsonObject
        {
            ["schema"] = Schema,
            ["tool"] = ToolVersion.Name,
            ["version"] = ToolVersion.Number,
            ["commit"] = ToolVersion.Commit,
            ["verb"] = command.Command is Verb verb ? verb.Name : null,
            ["exitCode"] = exit,
            ["inputs"] = new JsonArray(
                [.. call.Inputs.Select(input => new JsonObject { ["file"] = input.Path, ["sha256"] = input.Sha256 })]),
            ["options"] = Options(command),
            ["result"] = call.Result,
            ["diagnostics"] = new JsonArray([.. call.Diagnostics.Select(Of)]),
        };
    }

    private static JsonObject Options(CommandResult command)
    {
        JsonObject options = [];
        foreach (OptionResult given in command.Children.OfType<OptionResult>().Where(option => !option.Implicit)
            .OrderBy(option => option.Option.Name, StringComparer.Ordinal))
            options[given.Option.Name] = string.Join(' ', given.Tokens.Select(token => token.Value)) is { Length: > 0 } value
                ? value
                : "true";
        return options;
    }

    private static JsonObject Of(Diagnostic diagnostic) => new()
    {
        ["severity"] = "error",
        ["code"] = diagnostic.Code,
        ["file"] = diagnostic.File,
        ["node"] = diagnostic.Node,
        ["cause"] = diagnostic.Cause,
        ["fix"] = diagnostic.Fix,
    };
}

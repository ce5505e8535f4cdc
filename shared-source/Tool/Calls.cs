using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Spelling;

namespace Ebsp.Tool;

/// <summary>The way of every call through a tool: the same for ebspc and the tools beside it.</summary>
internal static partial class Calls
{
    // Letters by which a mistyped option may differ from the one that is meant.
    private const int MaxTypos = 3;

    // Options of all tools that name files to write.
    private static readonly string[] OutputOptions = ["--output", "-o", "--report", "--layers", "--page", "--csv", "--float-output"];

    // What System.CommandLine says beside the error that names the wrong word.
    private const string NoVerb = "Required command was not provided";

    /// <summary>Gives a command tree what all tools have: <c>--json</c>, help that starts with examples, the version, refusal of unknown
    /// options.</summary>
    public static void Prepare(RootCommand root, IReadOnlyList<string> examples)
    {
        root.Options.Add(new Option<bool>("--json") { Description = "Print one JSON object instead of text.", Recursive = true });
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
                option.Action = new ExamplesFirst(help, examples);
            else if (option is VersionOption)
                option.Action = new PrintVersion();
        }

        foreach (Argument argument in Below(root).SelectMany(verb => verb.Arguments))
            argument.Validators.Add(RefuseOption);
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(verb => Below(verb).Prepend(verb));

    // The parser takes a mistyped option for the name of a file.
    private static void RefuseOption(ArgumentResult result)
    {
        if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-'))?.Value is not { } option)
            return;
        string[] near = [.. Siblings(result).SelectMany(known => known.Aliases.Prepend(known.Name)).Distinct()
            .Where(name => EditDistance.Of(name, option) <= MaxTypos).OrderBy(name => EditDistance.Of(name, option))
            .ThenBy(name => name, StringComparer.Ordinal).Take(1)];
        result.AddError(near.Length > 0
            ? $"Unrecognized option '{option}'; did you mean {near[0]}?"
            : $"Unrecognized option '{option}'; a file of that name is './{option}'");
    }

    private static IEnumerable<Option> Siblings(SymbolResult? result)
    {
        for (; result is not null; result = result.Parent)
        {
            if (result is CommandResult { Command: var command })
            {
                foreach (Option option in command.Options)
                    yield return option;
            }
        }
    }

    /// <summary>Runs a call: parses it, does it, says what went wrong.</summary>
    /// <returns>The call, null where help or version was printed, and its exit code.</returns>
    public static (Call? Call, int Exit) Execute(
        Func<RootCommand> create, IEnumerable<string> args, Terminal terminal, bool json, bool ofBatch)
    {
        Call? call = null;
        int exit;
        try
        {
            ParseResult parsed = create().Parse([.. args], new ParserConfiguration { ResponseFileTokenReplacer = null });
            // Verbs have no action: help, version and the directive [suggest] for completion have one.
            bool isHelp = parsed.Action is not (null or ParseErrorAction);
            if (isHelp && !ofBatch)
                return (null, parsed.Invoke(
                    new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false }));
            call = new Call(parsed, terminal, json);
            exit = isHelp ? Refuse(call, "help, version and directives have no place in a batch")
                : parsed.Errors.Count > 0 || parsed.CommandResult.Command is not Verb verb ? Refuse(call, Causes(parsed))
                : ofBatch && !verb.IsOfBatch ? Refuse(call, "a batch has no place in a batch")
                : Run(verb, call);
        }
#pragma warning disable CA1031 // Every exception becomes a diagnostic.
        catch (Exception e)
#pragma warning restore CA1031
        {
            IReadOnlyList<Diagnostic> found = Failures.Diagnose(e, call);
            exit = found.Count == 0 ? ExitCode.Interrupted : ExitCode.Of(found[0].Code);
            call ??= new Call(new RootCommand().Parse([]), terminal, json);
            call.Diagnostics.AddRange(found);
        }

        foreach (Diagnostic diagnostic in call.Diagnostics)
            call.Note(diagnostic.ToString());
        return (call, exit);
    }

    private static int Run(Verb verb, Call call)
    {
        RefuseOutputOverInput(verb, call.Arguments);
        return verb.Run(call);
    }

    // Before any work: a file that the call reads is not written over.
    private static void RefuseOutputOverInput(Verb verb, ParseResult parsed)
    {
        (string Name, string Path)[] given =
        [
            .. verb.Arguments.SelectMany(argument => Values(argument.Name, parsed.GetResult(argument))),
            .. verb.Options.SelectMany(option => Values(option.Name, parsed.GetResult(option))),
        ];
        foreach ((string output, string path) in given.Where(each => OutputOptions.Contains(each.Name)))
        {
            if (given.FirstOrDefault(each => each.Name != output && OutputPlace.IsSame(each.Path, path)) is { Name: { } other })
                throw DiagnosticDescriptors.Usage.Error(path, verb.Name, OutputOptions.Contains(other)
                    ? $"{output} and {other} name one file" : $"{output} would write over what {other} reads");
        }

        static IEnumerable<(string, string)> Values(string name, SymbolResult? result) =>
            result?.Tokens.Select(token => (name, token.Value)) ?? [];
    }

    private static string[] Causes(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return ["a verb is missing"];
        string[] causes = [.. parsed.Errors.Select(error => Plain(error.Message.TrimEnd('.')))
            .Where(message => parsed.Errors.Count == 1 || message != NoVerb).Distinct()];
        string[] near = Suggestions(parsed);
        return near.Length == 0 ? causes : [$"{causes[0]}; did you mean {string.Join(" or ", near)}?", .. causes[1..]];
    }

    // Without names of types and line breaks.
    private static string Plain(string message)
    {
        if (Unparsed().Match(message) is { Success: true } unparsed)
            return $"{unparsed.Groups[2].Value} takes {(unparsed.Groups[3].Value.Contains("Int", StringComparison.Ordinal)
                ? "a whole number" : "a number")}, and '{unparsed.Groups[1].Value}' is none";
        if (NotAmong().Match(message) is not { Success: true } among)
            return message;
        string[] words = [.. among.Groups[2].Value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('\''))];
        string near = words.MinBy(word => EditDistance.Of(word, among.Groups[1].Value))!;
        return $"'{among.Groups[1].Value}' is none of {string.Join(", ", words)}"
            + (EditDistance.Of(near, among.Groups[1].Value) <= MaxTypos ? $"; did you mean {near}?" : "");
    }

    [GeneratedRegex(@"^Cannot parse argument '(.*)' for option '(.*)' as expected type '(.*)'$", RegexOptions.Singleline)]
    private static partial Regex Unparsed();

    [GeneratedRegex(@"^Argument '(.*)' not recognized\. Must be one of:(.*)$", RegexOptions.Singleline)]
    private static partial Regex NotAmong();

    // What System.CommandLine would name in place of words that it did not match: a heading, then a name a line.
    private static string[] Suggestions(ParseResult parsed)
    {
        if (parsed.Action is not ParseErrorAction action)
            return [];
        action.ShowHelp = false;
        using StringWriter output = new();
        parsed.Invoke(new InvocationConfiguration { Output = output, Error = TextWriter.Null, EnableDefaultExceptionHandler = false });
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            // An option of one letter is near to every word.
            .Where(line => !line.Contains(' ', StringComparison.Ordinal) && line.TrimStart('-', '/').Length > 1)];
    }

    private static int Refuse(Call call, params string[] causes)
    {
        Command command = call.Arguments.CommandResult.Command;
        call.Diagnostics.AddRange(
            causes.Select(cause => DiagnosticDescriptors.Usage.At(null, command is Verb ? command.Name : null, cause)));
        return ExitCode.Usage;
    }
}

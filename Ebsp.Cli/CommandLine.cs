using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Ebsp.Cli.Verbs;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Cli;

/// <summary>The command tree, and the way of every call through it.</summary>
internal static class CommandLine
{
    private static readonly string[] Examples =
    [
        "ebspc check resnet.onnx",
        "ebspc compile resnet.onnx --scale 1/255 --calibration train.med.br -o resnet.ebsp",
        "ebspc run resnet.ebsp --input test.med.br",
    ];

    // What System.CommandLine says beside the error that names the wrong word.
    private const string NoVerb = "Required command was not provided";

    /// <summary>All verbs in the order of the help.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new("Compiles trained networks to EBSP programs, runs and checks them on the emulated machine. No telemetry.")
        {
            new CheckVerb(),
            new ImportVerb(),
            new QuantizeVerb(),
            new CompileVerb(),
            new RunVerb(),
            new VerifyVerb(),
            new TraceVerb(),
            new InspectVerb(),
            new ViewVerb(),
            new DisasmVerb(),
            new AsmVerb(),
            new ExplainVerb(),
            new DoctorVerb(),
            new BatchVerb(),
        };
        root.Options.Add(new Option<bool>("--json") { Description = "Print one JSON object instead of text.", Recursive = true });
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
                option.Action = new ExamplesFirst(help, Examples);
            else if (option is VersionOption)
                option.Action = new PrintVersion();
        }

        foreach (Argument argument in root.Subcommands.SelectMany(verb => verb.Arguments))
            argument.Validators.Add(RefuseOption);
        return root;
    }

    // The parser takes a mistyped option for the name of a file.
    private static void RefuseOption(ArgumentResult result)
    {
        if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-'))?.Value is { } option)
            result.AddError($"Unrecognized option '{option}'; a file of that name is './{option}'");
    }

    /// <summary>Runs one call.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        (Call? call, int exit) = Execute(ResponseFiles.Expand(args), terminal, args.Contains("--json"), ofBatch: false);
        if (call?.Arguments.CommandResult.Command is BatchVerb)
        {
            if (BatchVerb.HasEnvelope(call))
                Envelope.WriteLine(terminal.Out, null, call, exit);
        }
        else if (call is { Json: true })
        {
            Envelope.Write(terminal.Out, call, exit);
        }

        return exit;
    }

    /// <summary>Runs one call of a batch and prints its envelope on a line.</summary>
    /// <returns>The exit code.</returns>
    public static int RunOfBatch(BatchedCall batched, Terminal terminal)
    {
        (Call? call, int exit) = Execute(batched.Arguments, terminal, json: true, ofBatch: true);
        Envelope.WriteLine(terminal.Out, batched.Id, call!, exit);
        return exit;
    }

    // No call: help or version was printed.
    private static (Call? Call, int Exit) Execute(IEnumerable<string> args, Terminal terminal, bool json, bool ofBatch)
    {
        Call? call = null;
        int exit;
        try
        {
            ParseResult parsed = Create().Parse([.. args], new ParserConfiguration { ResponseFileTokenReplacer = null });
            bool isHelp = parsed.Action is ExamplesFirst or PrintVersion;
            if (isHelp && !ofBatch)
                return (null, parsed.Invoke(
                    new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false }));
            call = new Call(parsed, terminal, json);
            exit = isHelp ? Refuse(call, "help and version have no place in a batch")
                : parsed.Errors.Count > 0 || parsed.CommandResult.Command is not Verb verb ? Refuse(call, Causes(parsed))
                : ofBatch && verb is BatchVerb ? Refuse(call, "a batch has no place in a batch")
                : verb.Run(call);
        }
#pragma warning disable CA1031 // Nothing leaves but as a diagnostic.
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

    private static string[] Causes(ParseResult parsed) => parsed.Errors.Count > 0
        ? [.. parsed.Errors.Select(error => error.Message.TrimEnd('.')).Where(message => parsed.Errors.Count == 1 || message != NoVerb)
            .Distinct()]
        : ["a verb is missing"];

    private static int Refuse(Call call, params string[] causes)
    {
        Command command = call.Arguments.CommandResult.Command;
        call.Diagnostics.AddRange(
            causes.Select(cause => DiagnosticDescriptors.Usage.At(null, command is Verb ? command.Name : null, cause)));
        return ExitCode.Usage;
    }
}

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
        bool json = args.Contains("--json");
        Call? call = null;
        int exit;
        try
        {
            ParseResult parsed = Create().Parse(ResponseFiles.Expand(args), new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is ExamplesFirst or PrintVersion)
                return parsed.Invoke(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false });
            call = new Call(parsed, terminal, json);
            exit = parsed.Errors.Count > 0 ? Refuse(parsed, call)
                : parsed.CommandResult.Command is Verb verb ? verb.Run(call) : Refuse(parsed, call);
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
        if (json)
            Envelope.Write(terminal.Out, call, exit);
        return exit;
    }

    private static int Refuse(ParseResult parsed, Call call)
    {
        Command command = parsed.CommandResult.Command;
        string[] causes = parsed.Errors.Count > 0
            ? [.. parsed.Errors.Select(error => error.Message.TrimEnd('.')).Where(message => parsed.Errors.Count == 1 || message != NoVerb).Distinct()]
            : ["a verb is missing"];
        call.Diagnostics.AddRange(causes.Select(cause => DiagnosticDescriptors.Usage.At(null, command is Verb ? command.Name : null, cause)));
        return ExitCode.Usage;
    }
}

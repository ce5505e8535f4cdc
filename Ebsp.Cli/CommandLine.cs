using System.CommandLine;
using Ebsp.Cli.Verbs;

namespace Ebsp.Cli;

/// <summary>The command tree of ebspc.</summary>
internal static class CommandLine
{
    private static readonly string[] Examples =
    [
        "ebspc check resnet.onnx",
        "ebspc compile resnet.onnx --scale 1/255 --calibration train.med.br -o resnet.ebsp",
        "ebspc run resnet.ebsp --input test.med.br",
    ];

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
            new BatchVerb(RunOfBatch),
        };
        Calls.Prepare(root, Examples);
        return root;
    }

    /// <summary>Runs one call.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        if (OtherTool.Of(args) is { } other)
            return other.Run(terminal);
        (Call? call, int exit) = Calls.Execute(Create, ResponseFiles.Expand(args), terminal, args.Contains("--json"), ofBatch: false);
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
    private static int RunOfBatch(BatchedCall batched, Terminal terminal)
    {
        (Call? call, int exit) = Calls.Execute(Create, batched.Arguments, terminal, json: true, ofBatch: true);
        Envelope.WriteLine(terminal.Out, batched.Id, call!, exit);
        return exit;
    }
}

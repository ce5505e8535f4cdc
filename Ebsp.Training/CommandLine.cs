using System.CommandLine;
using Ebsp.Training.Verbs;

namespace Ebsp.Training;

/// <summary>The command tree of ebspc-train: one verb, which need not be said.</summary>
internal static class CommandLine
{
    /// <summary>The verb.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new("Trains networks inside the bit pattern and writes integers that ebspc compiles. No telemetry.")
        {
            new TrainVerb(),
        };
        Calls.Prepare(root, TrainVerb.Calls);
        return root;
    }

    /// <summary>Runs one call.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        string[] whole = args is ["--version"] or [TrainVerb.Word, ..] ? args : [TrainVerb.Word, .. args];
        (Call? call, int exit) = Calls.Execute(Create, ResponseFiles.Expand(whole), terminal, args.Contains("--json"), ofBatch: false);
        if (call is { Json: true })
            Envelope.Write(terminal.Out, call, exit);
        return exit;
    }
}

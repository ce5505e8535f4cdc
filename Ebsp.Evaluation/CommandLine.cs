using System.CommandLine;
using Ebsp.Evaluation.Verbs;

namespace Ebsp.Evaluation;

/// <summary>The command tree of ebspc-lab.</summary>
internal static class CommandLine
{
    private static readonly string[] Examples =
    [
        "ebspc lab compare",
        "ebspc lab compare --networks resnet50,mobilenetv2 --batch 16",
        "ebspc lab report resnet.ebsp",
        "ebspc lab sweep plan sweep",
        "ebspc lab machines",
    ];

    /// <summary>All verbs in the order of the help.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new(
            "EBSP beside Eyeriss, BitFusion, WAX and OLAccel: cycles, energy and area, with the paper's figures. No telemetry.")
        {
            new CompareVerb(),
            new ReportVerb(),
            new Command("sweep", "Design points in shards, on one machine or on a cluster: plan, run, merge.")
            {
                new SweepPlanVerb(), new SweepRunVerb(), new SweepMergeVerb(), new SweepStatusVerb(),
            },
            new NetworksVerb(),
            new MachinesVerb(),
        };
        Calls.Prepare(root, Examples);
        return root;
    }

    /// <summary>Runs one call.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        (Call? call, int exit) = Calls.Execute(Create, ResponseFiles.Expand(args), terminal, args.Contains("--json"), ofBatch: false);
        if (call is { Json: true })
            Envelope.Write(terminal.Out, call, exit);
        return exit;
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Verbs;

/// <summary>The networks as shapes.</summary>
internal sealed class NetworksVerb : Verb
{
    private readonly Argument<string?> _network = new("NETWORK")
    {
        Description = "A name, or an .onnx or .pb file: its layers; all networks if it is left away.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public NetworksVerb()
        : base("networks", "Lists the networks, or the layers of one.", "ebspc lab networks", "ebspc lab networks resnet50") =>
        Arguments.Add(_network);

    public override int Run(Call call)
    {
        ExperimentTable table = call.Arguments.GetValue(_network) is { } name ? NetworkTables.Layers(NetworkReader.Read(name))
            : NetworkTables.All([.. PublishedNetworks.All.Select(row => row.Make())]);
        call.Print(table.ToText());
        call.Result["tables"] = new JsonArray(table.ToJson());
        return ExitCode.Success;
    }
}

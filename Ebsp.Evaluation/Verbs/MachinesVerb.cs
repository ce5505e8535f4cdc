using System.Text.Json.Nodes;
using Ebsp.Evaluation.Experiments;

namespace Ebsp.Evaluation.Verbs;

/// <summary>The machines of the comparison.</summary>
internal sealed class MachinesVerb : Verb
{
    public MachinesVerb()
        : base("machines", "Lists the machines with their elements and areas.", "ebspc lab machines")
    {
    }

    public override int Run(Call call)
    {
        ExperimentTable table = AreaExperiment.Run();
        call.Print(table.ToText());
        call.Result["tables"] = new JsonArray(table.ToJson());
        return ExitCode.Success;
    }
}

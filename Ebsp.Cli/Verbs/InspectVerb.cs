using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Cli.Arguments;
using Ebsp.Cli.Printing;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Reports;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;

namespace Ebsp.Cli.Verbs;

/// <summary>What is in a model file.</summary>
internal sealed class InspectVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "An .onnx, .pb or .ebsp file." };

    public InspectVerb()
        : base("inspect", "Shows what is in a model file: shapes, sizes, sections, options.", "ebspc inspect resnet.ebsp",
            "ebspc inspect resnet.q.pb") => Arguments.Add(_model);

    public override int Run(Call call)
    {
        ModelFile model = ModelArgument.Open(call, call.Get(_model));
        call.Report([$"file           {model.Path}: {model.Kind}, {Quantity.Bytes(model.Bytes)}"],
            new JsonObject { ["kind"] = model.Kind, ["bytes"] = model.Bytes });
        if (model.Program is { } program)
        {
            Network(call, ModelSection.Read(program));
            call.Report(ProgramPrinting.Text(program), ProgramPrinting.Json(program));
            return ExitCode.Success;
        }

        Network(call, model.Graph!);
        string listing = GraphPrinter.Print(model.Graph!);
        call.Report(["", .. listing.TrimEnd('\n').Split('\n')], "listing", listing);
        return ExitCode.Success;
    }

    private static void Network(Call call, Graph graph)
    {
        NetworkFacts facts = NetworkFacts.Of(graph);
        call.Report(NetworkPrinting.Text(facts), "network", NetworkPrinting.Json(facts));
    }
}

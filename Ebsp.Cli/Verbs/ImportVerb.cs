using System.CommandLine;
using Ebsp.Cli.Arguments;
using Ebsp.Cli.Printing;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Reports;
using Ebsp.Compiler.Ir;

namespace Ebsp.Cli.Verbs;

/// <summary>From ONNX to a .pb; preprocessing of raw pixels becomes part of the model.</summary>
internal sealed class ImportVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL.onnx") { Description = "The network." };
    private readonly Option<string> _output = OutputOption.Required("MODEL.pb");
    private readonly ImportArguments _import;

    public ImportVerb()
        : base("import", "Reads an ONNX network and writes it as a .pb.",
            "ebspc import resnet.onnx --scale 1/255 --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26 -o resnet.pb")
    {
        Arguments.Add(_model);
        Options.Add(_output);
        _import = new ImportArguments(this);
    }

    public override int Run(Call call)
    {
        ModelFile model = ModelArgument.Open(call, call.Get(_model), _import.Read(call));
        Graph graph = model.RequireGraph(Name, "an ONNX model");
        if (graph.IsInteger)
            throw model.Refuse(Name, "an ONNX model");
        NetworkFacts facts = NetworkFacts.Of(graph);
        call.Report(NetworkPrinting.Text(facts), "network", NetworkPrinting.Json(facts));
        call.Write(call.Get(_output)!, GraphFile.Serialize(graph));
        return ExitCode.Success;
    }
}

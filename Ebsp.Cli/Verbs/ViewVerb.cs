using System.CommandLine;
using Ebsp.Cli.Arguments;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;

namespace Ebsp.Cli.Verbs;

/// <summary>The graph of a model for people: as text, or as ONNX for graph viewers.</summary>
internal sealed class ViewVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "An .onnx, .pb or .ebsp file." };
    private readonly Option<string?> _output =
        OutputOption.Optional("MODEL.onnx", "An ONNX file for graph viewers; without it the graph is printed as text.");

    public ViewVerb()
        : base("view", "Shows the graph of a model as text, or writes it as ONNX for graph viewers.", "ebspc view resnet.q.pb",
            "ebspc view resnet.ebsp -o resnet.view.onnx")
    {
        Arguments.Add(_model);
        Options.Add(_output);
    }

    public override int Run(Call call)
    {
        ModelFile model = ModelArgument.Open(call, call.Get(_model));
        Graph graph = model.Program is { } program ? ModelSection.Read(program) : model.Graph!;
        call.Result["kind"] = model.Kind;
        if (call.Get(_output) is { } path)
        {
            call.Write(path, OnnxView.Write(graph));
            return ExitCode.Success;
        }

        string listing = GraphPrinter.Print(graph);
        call.Result["listing"] = listing;
        call.Print(listing.TrimEnd('\n').Split('\n'));
        return ExitCode.Success;
    }
}

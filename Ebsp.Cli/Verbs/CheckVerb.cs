using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Cli.Arguments;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Import;

namespace Ebsp.Cli.Verbs;

/// <summary>What maps, what does not and why, without calibration.</summary>
internal sealed class CheckVerb : Verb
{
    private readonly Option<string?> _size;
    private readonly Argument<string> _model = new("MODEL.onnx") { Description = "The network." };

    public CheckVerb()
        : base("check", "Says what of a network maps, what does not, and why.", "ebspc check resnet.onnx")
    {
        Arguments.Add(_model);
        _size = ImportArguments.SizeOf(this);
    }

    public override int Run(Call call)
    {
        string path = call.Get(_model);
        byte[] data = FileBytes.Read(path);
        string hash = call.Record(path, data);
        ImportReport report = OnnxImporter.Check(data, path, ImportArguments.SizeFrom(call, _size));
        call.Record(report, hash);
        call.Diagnostics.AddRange(report.Diagnostics);
        if (report.Nodes.IsEmpty)
            return ExitCode.Of(report.Diagnostics[0].Code);

        call.Print($"{path}: {Quantity.Count(report.Nodes.Length, "node")}, opset {report.Opset}");
        var groups = report.Nodes.GroupBy(node => (node.Operator, node.Status)).OrderBy(group => group.Key.Operator, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Status);
        call.Print(Text.Table([["operator", "nodes", "state"], .. groups.Select(group => (string[])
            [group.Key.Operator, Quantity.Count(group.Count()), State(group.Key.Status)])], left: 1));
        int refused = report.Nodes.Count(node => node.Status == ImportStatus.Refused);
        call.Print(report.IsSupported ? "everything maps"
            : refused > 0 ? $"{Quantity.Count(refused, "node")} of this network cannot be mapped"
                : "this network cannot be imported as it is");
        call.Result["opset"] = report.Opset;
        call.Result["supported"] = report.IsSupported;
        call.Result["nodes"] = new JsonArray([.. report.Nodes.Select(node => new JsonObject
        {
            ["name"] = node.Name,
            ["operator"] = node.Operator,
            ["state"] = State(node.Status),
            ["text"] = node.Text,
        })]);
        return report.IsSupported ? ExitCode.Success : ExitCode.InvalidInput;
    }

    private static string State(ImportStatus status) => status switch
    {
        ImportStatus.Mapped => "maps",
        ImportStatus.Refused => "refused",
        ImportStatus.NotReached => "not reached",
        _ => "unused",
    };
}

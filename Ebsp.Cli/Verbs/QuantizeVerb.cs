using System.CommandLine;
using Ebsp.Cli.Running;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;

namespace Ebsp.Cli.Verbs;

/// <summary>From a float network to integers on the pattern.</summary>
internal sealed class QuantizeVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A float .pb or .onnx network." };
    private readonly Option<string> _output = Outputs.Required("MODEL.q.pb");
    private readonly ImportArguments _import;
    private readonly QuantizeArguments _quantize;

    public QuantizeVerb()
        : base("quantize", "Turns a float network into integers on the pattern, calibrated on images.",
            "ebspc quantize resnet.pb --calibration train.med.br -o resnet.q.pb",
            "ebspc quantize resnet.pb --calibration train.med.br --weights 8:4 --activations 8:4 -o resnet.q.pb")
    {
        Arguments.Add(_model);
        Options.Add(_output);
        _quantize = new QuantizeArguments(this);
        _import = new ImportArguments(this);
    }

    public override int Run(Call call)
    {
        ModelFile model = ModelFile.Open(call, call.Get(_model), _import.Read(call));
        Graph graph = model.RequireGraph(Name, "a float .pb or an ONNX model");
        if (graph.IsInteger)
            throw model.Refuse(Name, "a float .pb or an ONNX model");
        QuantizationResult result = _quantize.Run(call, graph);
        QuantizationTable.Print(call, result);
        call.Write(call.Get(_output)!, GraphFile.Serialize(result.Graph));
        return ExitCode.Success;
    }
}

using System.CommandLine;
using System.Text;
using Ebsp.Cli.Arguments;
using Ebsp.Cli.Printing;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Reports;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Verbs;

/// <summary>From a float network to integers on the pattern.</summary>
internal sealed class QuantizeVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A float .pb or .onnx network." };
    private readonly Option<string> _output = OutputOption.Required("MODEL.q.pb");
    private readonly Option<long?> _budget =
        new("--budget") { Description =
        "Search formats and terms of each layer for a run of at most so many cycles; takes the place of the options that name formats.",
        HelpName = "CYCLES" };
    private readonly ReportArgument _report;
    private readonly ArchArgument _arch;
    private readonly ImportArguments _import;
    private readonly QuantizeArguments _quantize;

    public QuantizeVerb()
        : base("quantize", "Turns a float network into integers on the pattern, calibrated on images.",
            "ebspc quantize resnet.pb --calibration train.med.br -o resnet.q.pb",
            "ebspc quantize resnet.pb --calibration train.med.br --weights 8:4 --activations 8:4x2 -o resnet.q.pb",
            "ebspc quantize resnet.pb --calibration train.med.br --budget 120000 --report layers.csv -o resnet.q.pb")
    {
        Arguments.Add(_model);
        Options.Add(_output);
        _quantize = new QuantizeArguments(this);
        Options.Add(_budget);
        _arch = new ArchArgument(this, "The machine whose cycles --budget counts (default: default).");
        _report = new ReportArgument(this, "Write a row for the weights and each stored tensor of every layer.");
        _import = new ImportArguments(this);
    }

    public override int Run(Call call)
    {
        _report.Check(call);
        if (call.Get(_budget) is < 1)
            throw DiagnosticDescriptors.Usage.Error(null, Name, $"--budget {call.Get(_budget)} is less than 1");
        ModelFile model = ModelArgument.Open(call, call.Get(_model), _import.Read(call));
        Graph graph = model.RequireGraph(Name, "a float .pb or an ONNX model");
        if (graph.IsInteger)
            throw model.Refuse(Name, "a float .pb or an ONNX model");
        QuantizationResult result = call.Get(_budget) is { } budget
            ? _quantize.Search(call, graph, model.Path, _arch.Read(call) ?? ArchPresets.Default, budget)
            : _quantize.Run(call, graph, model.Path).Result;
        _report.Write(call, () => Encoding.UTF8.GetBytes(OperandPrinting.Csv(OperandRow.Of(result))),
            () => OperandPrinting.Json(OperandRow.Of(result)));
        call.Write(call.Get(_output)!, GraphFile.Serialize(result.Graph));
        return ExitCode.Success;
    }
}

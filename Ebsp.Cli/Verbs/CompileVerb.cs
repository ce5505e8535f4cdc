using System.CommandLine;
using Ebsp.Cli.Arguments;
using Ebsp.Cli.Printing;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reports;
using Ebsp.Compiler.Tiling;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Verbs;

/// <summary>From a network to a program.</summary>
internal sealed class CompileVerb : Verb
{
    private readonly Argument<string> _model =
        new("MODEL") { Description = "A quantized .pb, or a float .pb or .onnx network with the options of quantize." };
    private readonly Option<string> _output = OutputOption.Required("MODEL.ebsp");
    private readonly Option<int> _batch =
        new("--batch") { Description = "Images of a run, 1 to 4095.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _dump = new("--dump-after")
    {
        Description = "Print on the error stream what a pass made: the graph, after 'tiling' the plan, after 'code' the listing; 'all' " +
            "for everything.", HelpName = "PASS",
    };

    private readonly ReportArgument _report;
    private readonly GoalArgument _goal;
    private readonly ArchArgument _arch;
    private readonly QuantizeArguments _quantize;
    private readonly ImportArguments _import;

    public CompileVerb()
        : base("compile", "Compiles a network to a program for the machine.",
            "ebspc compile resnet.q.pb -o resnet.ebsp",
            "ebspc compile resnet.q.pb --arch small-16 --batch 4 -o resnet.ebsp",
            "ebspc compile resnet.onnx --scale 1/255 --calibration train.med.br -o resnet.ebsp")
    {
        Arguments.Add(_model);
        Options.Add(_output);
        _arch = new ArchArgument(this, "The machine (default: default).");
        Options.Add(_batch);
        _goal = new GoalArgument(this);
        _report = new ReportArgument(this, "Write the table of layers of one run (docs/layers.md).");
        Options.Add(_dump);
        _quantize = new QuantizeArguments(this);
        _import = new ImportArguments(this);
    }

    public override int Run(Call call)
    {
        int batch = BatchArgument.Checked(Name, call.Get(_batch));
        string? dump = call.Get(_dump);
        if (dump is not (null or "all") && !ModelCompiler.Stages.Contains(dump))
            throw DiagnosticDescriptors.Usage.Error(null, Name,
                $"no pass is called '{dump}'; there are {string.Join(", ", ModelCompiler.Stages)} and all");
        _report.Check(call);
        ArchSpec arch = _arch.Read(call) ?? ArchPresets.Default;
        ModelFile model = ModelArgument.Open(call, call.Get(_model), _import.Read(call));
        Graph graph = model.RequireGraph(Name, "a quantized .pb, a float .pb or an ONNX model");
        string options = PreprocessingPrinting.Text(graph);
        CalibrationQuality? quality = null;
        if (!graph.IsInteger)
        {
            (QuantizationResult quantized, quality) = _quantize.Run(call, graph, model.Path);
            graph = quantized.Graph;
            call.Print();
            options += " " + _quantize.Describe(call);
        }

        OptimizeFor goal = _goal.Read(call);
        options += GoalArgument.Describe(goal);
        CompileOptions to = new(arch, batch, model.Sha256, options, goal);
        (EbspProgram program, byte[] file) = ModelCompiler.CompileFile(graph, to, (pass, listing) =>
        {
            if (dump == pass || dump == "all")
                Dump(call, pass, listing);
        });
        call.Cancellation.ThrowIfCancellationRequested();
        call.Report(ProgramPrinting.CompiledText(program), ProgramPrinting.CompiledJson(program));
        TimingReport timing = TimingModel.Run(program);
        call.Result["model"] = ModelFactsPrinting.Json(model.Path, file, program, timing, quality);
        _report.Write(call, () => LayerPrinting.Csv(timing, arch), () => LayerPrinting.Json(timing, arch));
        call.Write(call.Get(_output)!, file);
        return ExitCode.Success;
    }

    private static void Dump(Call call, string pass, string listing)
    {
        call.Note($"; after {pass}");
        foreach (string line in listing.TrimEnd('\n').Split('\n'))
            call.Note(line);
    }
}

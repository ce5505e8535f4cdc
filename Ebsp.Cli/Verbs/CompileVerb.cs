using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Cli.Running;
using Ebsp.Compiler;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Tiling;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Verbs;

/// <summary>From a network to a program.</summary>
internal sealed class CompileVerb : Verb
{
    private readonly Argument<string> _model =
        new("MODEL") { Description = "A quantized .pb, or a float .pb or .onnx network with the options of quantize." };
    private readonly Option<string> _output = Outputs.Required("MODEL.ebsp");
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
        int batch = Batches.Checked(Name, call.Get(_batch));
        string? dump = call.Get(_dump);
        if (dump is not (null or "all") && !ModelCompiler.Stages.Contains(dump))
            throw DiagnosticDescriptors.Usage.Error(null, Name,
                $"no pass is called '{dump}'; there are {string.Join(", ", ModelCompiler.Stages)} and all");
        _report.Check(call);
        ArchSpec arch = _arch.Read(call) ?? ArchPresets.Default;
        ModelFile model = ModelFile.Open(call, call.Get(_model), _import.Read(call));
        Graph graph = model.RequireGraph(Name, "a quantized .pb, a float .pb or an ONNX model");
        string options = ImportArguments.Describe(graph);
        if (!graph.IsInteger)
        {
            QuantizationResult quantized = _quantize.Run(call, graph, model.Path);
            QuantizationTable.Print(call, quantized);
            call.Print();
            graph = quantized.Graph;
            options += " " + _quantize.Describe(call);
        }

        OptimizeFor goal = _goal.Read(call);
        options += GoalArgument.Describe(goal);
        EbspProgram program = ModelCompiler.Compile(graph, new CompileOptions(arch, batch, model.Sha256, options, goal), (pass, listing) =>
        {
            if (dump == pass || dump == "all")
                Dump(call, pass, listing);
        });
        call.Cancellation.ThrowIfCancellationRequested();
        Print(call, program);
        byte[] file = ProgramWriter.Write(program);
        TimingReport timing = TimingModel.Run(program);
        call.Result["model"] = ModelFacts.Of(model.Path, file, program, timing);
        _report.Write(call, () => LayerTable.Csv(timing, arch), () => LayerTable.Json(timing, arch));
        call.Write(call.Get(_output)!, file);
        return ExitCode.Success;
    }

    private static void Dump(Call call, string pass, string listing)
    {
        call.Note($"; after {pass}");
        foreach (string line in listing.TrimEnd('\n').Split('\n'))
            call.Note(line);
    }

    private static void Print(Call call, EbspProgram program)
    {
        ArchSpec arch = program.Arch;
        call.Print($"machine  {arch.Name}: {arch.Rows} x {arch.Columns} PEs, k = {arch.PatternLength}, batch {program.Io.Batch}");
        call.Print($"program  {Quantity.Count(program.Code.Length, "instruction")} in " +
            $"{Quantity.Count(program.Layers.Layers.Length, "layer")}, weights {Quantity.Bytes(program.Weights.Length)}, arena " +
            $"{Quantity.Bytes(program.Regions.ArenaBytes)}");
        HostSummary.Print(call, program, labelWidth: 9);
        call.Result["machine"] = JsonNode.Parse(ArchJson.Write(arch));
        call.Result["batch"] = program.Io.Batch;
        call.Result["instructions"] = program.Code.Length;
        call.Result["weightBytes"] = program.Weights.Length;
        call.Result["arenaBytes"] = program.Regions.ArenaBytes;
        PrintExtraSteps(call, program);
    }

    // Layers that no convolution takes along: copies, rescaling, pools, tables, host steps. They cost time of other units and are easily
    // overlooked.
    private static void PrintExtraSteps(Call call, EbspProgram program)
    {
        JsonArray steps = [];
        List<string[]> rows = [];
        foreach (IGrouping<int, int> layer in Enumerable.Range(0, program.Code.Length).Where(i => program.Layers.InstructionLayers[i] >= 0)
            .GroupBy(i => program.Layers.InstructionLayers[i]))
        {
            if (layer.Any(i => program.Code[i].Unit == Unit.Array)
                || layer.LastOrDefault(i => program.Code[i].Unit is Unit.Vector or Unit.Pool or Unit.Host
                && program.Code[i].Opcode != Opcode.Sync, -1) is not (>= 0 and var last))
                continue;
            string unit = (layer.Any(i => program.Code[i].Opcode == Opcode.Pool) ? Unit.Pool : program.Code[last].Unit).ToString()
                .ToLowerInvariant();
            string name = program.Layers.Layers[layer.Key];
            rows.Add([name, unit, Quantity.Count(layer.Count())]);
            steps.Add(new JsonObject { ["layer"] = name, ["unit"] = unit, ["instructions"] = layer.Count() });
        }

        call.Result["extraSteps"] = steps;
        if (rows.Count == 0)
            return;
        call.Print();
        call.Print(Text.Table([["step without the array", "unit", "instructions"], .. rows], left: 2));
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Cli.Running;
using Ebsp.Compiler;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Verbs;

/// <summary>From a network to a program.</summary>
internal sealed class CompileVerb : Verb
{
    private const int MaxBatch = 4095;

    private readonly Argument<string> _model = new("MODEL") { Description = "A quantised .pb, or a float .pb or .onnx network with the options of quantize." };
    private readonly Option<string> _output = Outputs.Required("MODEL.ebsp");
    private readonly Option<int> _batch = new("--batch") { Description = "Images of a run, 1 to 4095.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _dump = new("--dump-after") { Description = "Print the graph after a pass on the error stream; 'all' for every pass.", HelpName = "PASS" };
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
        Options.Add(_dump);
        _quantize = new QuantizeArguments(this);
        _import = new ImportArguments(this);
    }

    public override int Run(Call call)
    {
        int batch = call.Get(_batch);
        if (batch is < 1 or > MaxBatch)
            throw DiagnosticDescriptors.Usage.Error(null, Name, $"--batch {batch} is not in 1..{MaxBatch}");
        string? dump = call.Get(_dump);
        if (dump is not (null or "all") && Pipeline.Passes.All(pass => pass.Name != dump))
            throw DiagnosticDescriptors.Usage.Error(null, Name, $"no pass is called '{dump}'; there are {string.Join(", ", Pipeline.Passes.Select(pass => pass.Name))} and all");
        ArchSpec arch = _arch.Read(call) ?? ArchPresets.Default;
        ModelFile model = ModelFile.Open(call, call.Get(_model), _import.Read(call));
        Graph graph = model.RequireGraph(Name, "a quantised .pb, a float .pb or an ONNX model");
        string options = ImportArguments.Describe(graph);
        if (!graph.IsInteger)
        {
            QuantizationResult quantised = _quantize.Run(call, graph);
            QuantizationTable.Print(call, quantised);
            call.Print();
            graph = quantised.Graph;
            options += " " + _quantize.Describe(call);
        }

        EbspProgram program = ModelCompiler.Compile(graph, new CompileOptions(arch, batch, model.Sha256, options), (pass, listing) =>
        {
            if (dump == pass || dump == "all")
                Dump(call, pass, listing);
        });
        call.Cancellation.ThrowIfCancellationRequested();
        Print(call, program);
        call.Write(call.Get(_output)!, ProgramWriter.Write(program));
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
        call.Print($"program  {Quantity.Count(program.Code.Length, "instruction")} in {Quantity.Count(program.Layers.Layers.Length, "layer")}, weights {Quantity.Bytes(program.Weights.Length)}, arena {Quantity.Bytes(program.Regions.ArenaBytes)}");
        HostSummary.Print(call, program, labelWidth: 9);
        call.Result["machine"] = JsonNode.Parse(ArchJson.Write(arch));
        call.Result["batch"] = program.Io.Batch;
        call.Result["instructions"] = program.Code.Length;
        call.Result["weightBytes"] = program.Weights.Length;
        call.Result["arenaBytes"] = program.Regions.ArenaBytes;
    }
}

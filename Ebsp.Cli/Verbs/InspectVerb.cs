using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Cli.Running;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

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
        ModelFile model = ModelFile.Open(call, call.Get(_model));
        call.Result["kind"] = model.Kind;
        call.Result["bytes"] = model.Bytes;
        call.Print($"file           {model.Path}: {model.Kind}, {Quantity.Bytes(model.Bytes)}");
        if (model.Program is { } program)
        {
            GraphSummary.Print(call, ModelSection.Read(program));
            Print(call, program);
            return ExitCode.Success;
        }

        GraphSummary.Print(call, model.Graph!);
        call.Print();
        call.Print(GraphPrinter.Print(model.Graph!).TrimEnd('\n').Split('\n'));
        call.Result["listing"] = GraphPrinter.Print(model.Graph!);
        return ExitCode.Success;
    }

    private static void Print(Call call, EbspProgram program)
    {
        ArchSpec arch = program.Arch;
        (string Name, long Bytes)[] sizes =
        [
            ("code", program.Code.Length * (long)Instruction.SizeBytes),
            ("weights", program.Weights.Length),
            ("tables", program.Tables.Length),
            ("model", program.Model.Length),
            ("input", program.Regions.InputBytes),
            ("output", program.Regions.OutputBytes),
            ("arena", program.Regions.ArenaBytes),
        ];
        call.Print($"machine        {arch.Name}: {arch.Rows} x {arch.Columns} PEs, k = {arch.PatternLength}, " +
            $"{Quantity.Hertz(arch.ClockHz)}, buffer {Quantity.Bytes(arch.BufferBytes)}");
        call.Print($"batch          {program.Io.Batch}");
        call.Print($"program        {Quantity.Count(program.Code.Length, "instruction")}, " +
            $"{Quantity.Count(program.Layers.Layers.Length, "layer")}, {Quantity.Count(program.Layers.Tiles.Length, "tile")}");
        HostSummary.Print(call, program, labelWidth: 15);
        foreach ((string name, long bytes) in sizes)
            call.Print($"  {name,-12} {Quantity.Bytes(bytes)}");
        call.Print($"source         sha256 {program.Provenance.SourceSha256}");
        call.Print($"options        {program.Provenance.Options}");
        call.Print($"made by        ebspc {program.Provenance.ToolVersion}");
        call.Result["machine"] = JsonNode.Parse(ArchJson.Write(arch));
        call.Result["batch"] = program.Io.Batch;
        call.Result["instructions"] = program.Code.Length;
        call.Result["layers"] = new JsonArray([.. program.Layers.Layers.Select(name => JsonValue.Create(name))]);
        JsonObject sections = [];
        foreach ((string name, long bytes) in sizes)
            sections[name + "Bytes"] = bytes;
        call.Result["sizes"] = sections;
        call.Result["provenance"] = new JsonObject
        {
            ["sourceSha256"] = program.Provenance.SourceSha256,
            ["options"] = program.Provenance.Options,
            ["toolVersion"] = program.Provenance.ToolVersion,
        };
    }
}

using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Printing;

/// <summary>What a program consists of: in a few lines for one that was just compiled, in full for one that is inspected.</summary>
internal static class ProgramPrinting
{
    /// <summary>A program that was just compiled.</summary>
    public static IEnumerable<string> CompiledText(EbspProgram program) =>
    [
        $"machine  {program.Arch.Name}: {program.Arch.Rows} x {program.Arch.Columns} PEs, k = {program.Arch.PatternLength}, batch " +
            $"{program.Io.Batch}",
        $"program  {Quantity.Count(program.Code.Length, "instruction")} in " +
            $"{Quantity.Count(program.Layers.Layers.Length, "layer")}, weights " +
            $"{Quantity.Bytes(program.Weights.Length)}, arena {Quantity.Bytes(program.Regions.ArenaBytes)}",
        .. HostPrinting.Text(HostWork.Of(program), labelWidth: 9),
        .. ExtraStepPrinting.Text(ExtraStep.Of(program)),
    ];

    /// <summary>Its fields.</summary>
    public static JsonObject CompiledJson(EbspProgram program) => new()
    {
        ["hostSteps"] = HostPrinting.Json(HostWork.Of(program)),
        ["machine"] = JsonNode.Parse(ArchJson.Write(program.Arch)),
        ["batch"] = program.Io.Batch,
        ["instructions"] = program.Code.Length,
        ["weightBytes"] = program.Weights.Length,
        ["arenaBytes"] = program.Regions.ArenaBytes,
        ["extraSteps"] = ExtraStepPrinting.Json(ExtraStep.Of(program)),
    };

    /// <summary>A program in full.</summary>
    public static IEnumerable<string> Text(EbspProgram program) =>
    [
        $"machine        {program.Arch.Name}: {program.Arch.Rows} x {program.Arch.Columns} PEs, k = {program.Arch.PatternLength}, " +
            $"{Quantity.Hertz(program.Arch.ClockHz)}, buffer {Quantity.Bytes(program.Arch.BufferBytes)}",
        $"batch          {program.Io.Batch}",
        $"program        {Quantity.Count(program.Code.Length, "instruction")}, " +
            $"{Quantity.Count(program.Layers.Layers.Length, "layer")}, {Quantity.Count(program.Layers.Tiles.Length, "tile")}",
        .. HostPrinting.Text(HostWork.Of(program), labelWidth: 15),
        .. Sizes(program).Select(size => $"  {size.Name,-12} {Quantity.Bytes(size.Bytes)}"),
        $"source         sha256 {program.Provenance.SourceSha256}",
        $"options        {program.Provenance.Options}",
        $"made by        ebspc {program.Provenance.ToolVersion}",
    ];

    /// <summary>Its fields.</summary>
    public static JsonObject Json(EbspProgram program) => new()
    {
        ["hostSteps"] = HostPrinting.Json(HostWork.Of(program)),
        ["machine"] = JsonNode.Parse(ArchJson.Write(program.Arch)),
        ["batch"] = program.Io.Batch,
        ["instructions"] = program.Code.Length,
        ["layers"] = new JsonArray([.. program.Layers.Layers.Select(name => JsonValue.Create(name))]),
        ["sizes"] = new JsonObject(Sizes(program).Select(size => KeyValuePair.Create(size.Name + "Bytes", (JsonNode?)size.Bytes))),
        ["provenance"] = new JsonObject
        {
            ["sourceSha256"] = program.Provenance.SourceSha256,
            ["options"] = program.Provenance.Options,
            ["toolVersion"] = program.Provenance.ToolVersion,
        },
    };

    private static (string Name, long Bytes)[] Sizes(EbspProgram program) =>
    [
        ("code", program.Code.Length * (long)Instruction.SizeBytes),
        ("weights", program.Weights.Length),
        ("tables", program.Tables.Length),
        ("model", program.Model.Length),
        ("input", program.Regions.InputBytes),
        ("output", program.Regions.OutputBytes),
        ("arena", program.Regions.ArenaBytes),
    ];
}

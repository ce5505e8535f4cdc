using System.Text.Json.Nodes;
using Ebsp.Compiler.Reports;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Printing;

/// <summary>What a build needs to know of a compiled model, in a fixed order of fields: shapes, scales, machine and cycles, but no list
/// that grows with the network.</summary>
internal static class ModelFactsPrinting
{
    /// <summary>The facts of a program.</summary>
    /// <param name="source">The model file; its name goes into the facts, its folder does not.</param>
    /// <param name="file">The .ebsp file.</param>
    /// <param name="program">The program in it.</param>
    /// <param name="timing">One run of it.</param>
    /// <param name="quality">What its quantization has cost, where it was quantized here and has class scores.</param>
    public static JsonObject Json(string source, ReadOnlySpan<byte> file, EbspProgram program, TimingReport timing,
        CalibrationQuality? quality)
    {
        ArchSpec arch = program.Arch;
        ProgramInput input = program.Io.Input;
        JsonObject facts = new()
        {
            ["source"] = Path.GetFileName(source),
            ["digest"] = ProgramReader.DigestOf(file),
            ["bytes"] = file.Length,
            ["input"] = new JsonObject
            {
                ["name"] = input.Name,
                ["channels"] = input.Channels,
                ["height"] = input.Height,
                ["width"] = input.Width,
                ["terms"] = input.Terms,
                ["bits"] = input.Format.Bits,
                ["pattern"] = input.Format.PatternLength,
                ["scale"] = input.Scale,
                ["reverseChannels"] = input.ReverseChannels,
            },
            ["output"] = Output(program.Io.Output),
            ["batch"] = program.Io.Batch,
            ["labels"] = program.Io.Labels.Length,
            ["layers"] = program.Layers.Layers.Length,
            ["instructions"] = program.Code.Length,
            ["weightBytes"] = program.Weights.Length,
            ["machine"] = new JsonObject
            {
                ["name"] = arch.Name,
                ["rows"] = arch.Rows,
                ["columns"] = arch.Columns,
                ["patternLength"] = arch.PatternLength,
                ["clockHz"] = arch.ClockHz,
            },
            ["cycles"] = timing.Cycles,
            ["utilization"] = timing.Utilization,
            ["agreement"] = quality?.Agreement.Share,
        };
        // Where there is one, `output` says it all.
        if (!program.Io.OtherOutputs.IsEmpty)
            facts["outputs"] = new JsonArray([.. program.Io.Outputs.Select(Output)]);
        return facts;
    }

    private static JsonObject Output(ProgramOutput output) => new()
    {
        ["name"] = output.Name,
        ["channels"] = output.Channels,
        ["height"] = output.Height,
        ["width"] = output.Width,
        ["scale"] = output.Scale,
        ["transform"] = OutputTransforms.Names[output.Transform],
    };
}

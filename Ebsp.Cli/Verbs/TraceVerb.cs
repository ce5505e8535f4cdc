using System.CommandLine;
using Ebsp.Cli.Arguments;
using Ebsp.Emulator.Timing;
using Ebsp.Emulator.Tracing;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Verbs;

/// <summary>The timeline of a run for trace viewers.</summary>
internal sealed class TraceVerb : Verb
{
    private const string Auto = "auto";

    private readonly Argument<string> _program = new("MODEL.ebsp") { Description = "The program." };
    private readonly Option<string> _output = OutputOption.Required("TRACE.json");
    private readonly Option<string> _detail = new Option<string>("--detail")
    {
        Description = "What one span stands for; auto is the finest that stays within 50 MB.",
        DefaultValueFactory = _ => Auto,
    }.AcceptOnlyFromAmong(Auto, "instruction", "tile", "layer");

    private readonly ArchArgument _arch;

    public TraceVerb()
        : base("trace", "Writes what every unit does in every cycle as Chrome trace JSON, for Perfetto and chrome://tracing.",
            "ebspc trace resnet.ebsp -o trace.json", "ebspc trace resnet.ebsp -o trace.json --detail layer")
    {
        Arguments.Add(_program);
        Options.Add(_output);
        Options.Add(_detail);
        _arch = new ArchArgument(this, "A machine with other timing fields.");
    }

    public override int Run(Call call)
    {
        EbspProgram program = ModelArgument.Open(call, call.Get(_program), machine: _arch.Read(call)).RequireProgram(Name);
        string wanted = call.Get(_detail)!;
        TraceDetail detail = wanted == Auto ? ChromeTrace.Finest(program) : Enum.Parse<TraceDetail>(wanted, ignoreCase: true);
        TimingReport? report = null;
        call.Write(call.Get(_output)!, stream => report = ChromeTrace.Write(stream, program, detail: detail));
        string name = detail.ToString().ToLowerInvariant();
        call.Result["cycles"] = report!.Cycles;
        call.Result["detail"] = name;
        call.Print($"{Quantity.Count(report.Cycles, "cycle")}, one span {(detail == TraceDetail.Instruction ? "an" : "a")} {name}; 1 us " +
            $"in the viewer is one cycle");
        return ExitCode.Success;
    }
}

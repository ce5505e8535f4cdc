using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Cli.Arguments;
using Ebsp.Cli.Printing;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Emulator;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;

namespace Ebsp.Cli.Verbs;

/// <summary>Proves what needs no data, then compares the executors bit for bit and names the first difference.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> _model =
        new("MODEL") { Description = "An .ebsp program, or a quantized .pb, which is compiled first." };
    private readonly DataArguments _data;
    private readonly Option<string> _engine =
        new Option<string>("--engine") { Description = "Which machines are compared with the reference.", DefaultValueFactory = _ =>
        "all" }.AcceptOnlyFromAmong("all", "fast", "literal");
    private readonly ArchArgument _arch;

    public VerifyVerb()
        : base("verify", "Proves that a program ends with one result; compares literal machine, fast engine (every kernel) and integer " +
            "reference, tile by tile.",
            "ebspc verify resnet.ebsp",
            "ebspc verify resnet.ebsp --input test.med.br --count 4",
            "ebspc verify resnet.q.pb --arch small-16 --engine fast")
    {
        Arguments.Add(_model);
        _data = new DataArguments(this, "--input", "The images (default: random ones, always the same).", labels: false, defaultCount: 1);
        Options.Add(_engine);
        _arch = new ArchArgument(this, "The machine for a .pb (default: default); for a program one with other timing fields.");
    }

    public override int Run(Call call)
    {
        ArchSpec? arch = _arch.Read(call);
        ModelFile model = ModelArgument.Open(call, call.Get(_model), machine: arch);
        if (model.Graph is { IsInteger: false })
            throw model.Refuse(Name, "an .ebsp program or a quantized .pb");
        EbspProgram program = model.Program
            ?? ModelCompiler.Compile(model.Graph!, new CompileOptions(arch ?? ArchPresets.Default, 1, model.Sha256, ""));
        IReadOnlyList<VerifierFinding> findings = ProgramVerifier.Check(program);
        call.Result["proved"] = findings.Count == 0;
        foreach (Diagnostic finding in findings.Select(finding => DiagnosticDescriptors.Of(finding, program, model.Path)))
        {
            if (findings[0].Rule == VerifierRule.Limit)
                call.Note(finding.ToString());
            else
                call.Diagnostics.Add(finding);
        }

        if (call.Diagnostics.Count > 0)
            return ExitCode.Of(call.Diagnostics[0].Code);
        Shape input = new(program.Io.Input.Channels, program.Io.Input.Height, program.Io.Input.Width);
        if (_data.Count(call) is not >= 1)
            throw DiagnosticDescriptors.Usage.Error(null, Name, "--count is less than 1");
        ImageSet images = _data.Read(call, input) ?? RandomImages.Of(input, _data.Count(call)!.Value);
        (string Name, MachineOptions Options)[] machines = Machines(call.Get(_engine)!);
        Verification verification = new(program, model.Path);
        using (Progress progress = call.StartProgress("verify", (long)images.Count * machines.Length))
            verification.Run(images, machines, done => progress.Advance(done), call.Cancellation);

        JsonObject fields = VerificationPrinting.Json(verification, images.Count, machines.Length);
        if (verification.First is { } difference)
        {
            call.Report([], fields);
            call.Diagnostics.Add(difference);
            return ExitCode.Mismatch;
        }

        if (findings.Count == 0)
            call.Print($"proved of {Quantity.Count(program.Code.Length, "instruction")}: it ends, units do not race, and nothing is " +
                $"read that was not written");
        call.Report(VerificationPrinting.Text(verification, images.Count, machines.Select(machine => machine.Name)), fields);
        return ExitCode.Success;
    }

    private static (string Name, MachineOptions Options)[] Machines(string engine)
    {
        (string, MachineOptions) literal = ("literal machine", new MachineOptions { Engine = EngineKind.Literal });
        IEnumerable<(string, MachineOptions)> fast = KernelNames.Supported
            .Select(name => ($"fast engine ({name})", new MachineOptions { Tier = KernelNames.Parse(name) }));
        return engine switch
        {
            "literal" => [literal],
            "fast" => [.. fast],
            _ => [literal, .. fast],
        };
    }
}

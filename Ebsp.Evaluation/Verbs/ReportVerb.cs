using System.CommandLine;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Files;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Report;
using Ebsp.Isa.Programs;

namespace Ebsp.Evaluation.Verbs;

/// <summary>The page of one compiled program.</summary>
internal sealed class ReportVerb : Verb
{
    private readonly Argument<string> _program = new("MODEL.ebsp") { Description = "The program." };

    private readonly Option<string?> _page = new("--page") { Description = "The page; MODEL.html if it is left away." };

    private readonly Option<bool> _noPage = new("--no-page") { Description = "Write no page." };

    public ReportVerb()
        : base("report", "One page on a compiled program: layers, time, stalls, energy, roofline, patterns of its weights.",
            "ebspc lab report resnet.ebsp", "ebspc lab report resnet.ebsp --page resnet.html")
    {
        Arguments.Add(_program);
        Options.Add(_page);
        Options.Add(_noPage);
    }

    public override int Run(Call call)
    {
        string path = call.Get(_program);
        byte[] data = FileBytes.Read(path);
        call.Record(path, data);
        EbspProgram program = ModelFile.Parse(data, path).RequireProgram(Name);
        CostSet costs = new();
        ProgramRun run = ProgramRun.Of(program, Path.GetFileNameWithoutExtension(path));
        if (run.Timing.Deadlock is { } deadlock)
            throw DiagnosticDescriptors.Trap("EBSP4901").Error(path, null, $"the program hangs at instruction {deadlock.Instruction}");
        ExperimentTable summary = ProgramTables.Summary(run, costs);
        ExperimentTable[] tables = [ProgramTables.Units(run), LayerExperiment.Run([run.Result], costs)];
        foreach (ExperimentTable table in tables.Prepend(summary))
        {
            call.Print(table.ToText());
            call.Print();
        }

        call.Result["tables"] = TablesJson.Of(tables.Prepend(summary))["tables"]!.DeepClone();
        if (!call.Get(_noPage))
        {
            byte[] page = Page.Write(Path.GetFileName(path),
                ["A compiled EBSP program on the timing model: cycles and traffic are exact and do not depend on data.",
                    "Energy: set raw45, DRAM lpddr4, SRAM Hp, elements Paper (docs/evaluation.md)."],
                summary, new ProgramFigures(run, costs).All(), tables);
            call.Write(call.Get(_page) ?? Path.ChangeExtension(path, ".html"), page, "page");
        }

        return ExitCode.Success;
    }
}

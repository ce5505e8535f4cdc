using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Cli.Arguments;
using Ebsp.Cli.Printing;
using Ebsp.Compiler;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Tiling;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.Spelling;

namespace Ebsp.Cli.Verbs;

/// <summary>A diagnostic in full, offline; or a layer of a network: what bounds it, its tile, and the tile that came next.</summary>
internal sealed class ExplainVerb : Verb
{
    private readonly Argument<string> _what =
        new("EBSPnnnn|MODEL") { Description = "The code of a diagnostic; or an .ebsp program, or a quantized .pb with --arch." };
    private readonly Argument<string?> _layer =
        new("LAYER") { Description = "The layer; without it all of them.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<int> _batch =
        new("--batch") { Description = "Images of a run of a .pb, 1 to 4095.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly ArchArgument _arch;
    private readonly GoalArgument _goal;

    public ExplainVerb()
        : base("explain", "Explains a diagnostic, or what bounds a layer and why its tile was chosen.",
            "ebspc explain EBSP1005", "ebspc explain resnet.ebsp layer1.0.conv1", "ebspc explain resnet.q.pb --arch small-16")
    {
        Arguments.Add(_what);
        Arguments.Add(_layer);
        _arch = new ArchArgument(this, "The machine for a .pb (default: default).");
        Options.Add(_batch);
        _goal = new GoalArgument(this);
    }

    public override int Run(Call call)
    {
        string what = call.Get(_what);
        if (what.Length == 8 && what.StartsWith("EBSP", StringComparison.OrdinalIgnoreCase) && what[4..].All(char.IsAsciiDigit))
            ExplainCode(call, what.ToUpperInvariant());
        else
            ExplainModel(call, what);
        return ExitCode.Success;
    }

    private static void ExplainCode(Call call, string code)
    {
        DiagnosticDescriptor row = DiagnosticDescriptors.Find(code) ?? throw DiagnosticDescriptors.UnknownCode.Error(null, null, code);
        call.Report(
            [$"{row.Code} {row.Title}", $"cause    {row.Blank}", $"fix      {row.Fix}", $"example  {row.Example}"],
            new JsonObject
            {
                ["code"] = row.Code, ["title"] = row.Title, ["cause"] = row.Blank, ["fix"] = row.Fix, ["example"] = row.Example,
            });
    }

    private void ExplainModel(Call call, string path)
    {
        ModelFile model = ModelArgument.Open(call, path);
        EbspProgram program;
        CompileOptions options;
        Graph graph;
        if (model.Program is not null)
        {
            program = model.Program;
            graph = ModelSection.Read(program);
            options = new CompileOptions(program.Arch, program.Io.Batch, model.Sha256, "", GoalArgument.Of(program.Provenance.Options));
        }
        else
        {
            graph = model.RequireGraph(Name, "an .ebsp program or a quantized .pb");
            if (!graph.IsInteger)
                throw model.Refuse(Name, "an .ebsp program or a quantized .pb");
            options = new CompileOptions(_arch.Read(call) ?? ArchPresets.Default, BatchArgument.Checked(Name, call.Get(_batch)),
                model.Sha256, "",
                _goal.Read(call));
            program = ModelCompiler.Compile(graph, options);
        }

        LayerExplainer explainer = ModelCompiler.Explain(graph, options);
        TimingReport timing = TimingModel.Run(program);
        if (call.Arguments.GetValue(_layer) is not { } name)
        {
            LayerExplanation[] layers = [.. Enumerable.Range(0, explainer.Layers.Length).Select(explainer.Explain)];
            call.Report(ExplanationPrinting.Text(layers, timing), "layers", ExplanationPrinting.Json(layers, timing));
            return;
        }

        int index = explainer.Layers.IndexOf(name);
        if (index < 0)
        {
            throw DiagnosticDescriptors.UnknownLayer.Error(path, null, name,
                explainer.Layers.OrderBy(each => EditDistance.Of(each, name)).ThenBy(each => each, StringComparer.Ordinal).First());
        }

        LayerExplanation layer = explainer.Explain(index);
        call.Report(ExplanationPrinting.Text(layer, timing.Layers[index], program.Arch),
            ExplanationPrinting.Json(layer, timing.Layers[index]));
    }
}

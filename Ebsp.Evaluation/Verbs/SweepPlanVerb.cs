using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Evaluation.Sweeps;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Verbs;

/// <summary>Makes the list of points of a sweep.</summary>
internal sealed class SweepPlanVerb : Verb
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "The sweep's folder; it is made." };
    private readonly Option<string> _networks = List("--networks", "Networks: names, .onnx or .pb files.", string.Join(',',
        PublishedNetworks.Compared));
    private readonly Option<string> _bits = List("--bits", "Operand bits B: 4, 5, 6, 8.", "4,5,6,8");
    private readonly Option<string> _lengths = List("--lengths", "Pattern lengths k: 1..4, less than B.", "1,2,3,4");
    private readonly Option<string> _batch = List("--batch", "Images of a run.", "1");
    private readonly Option<string> _buffer = List("--buffer", "On-chip buffer in bytes.", "5242880");
    private readonly CostOptions _costs;
    private readonly Option<bool> _executed = new("--executed") { Description = "Compile and time a program for each point; seconds a " +
        "point." };

    public SweepPlanVerb()
        : base("plan", "Lists the points of a sweep: every combination of the lists.", "ebspc lab sweep plan sweep",
            "ebspc lab sweep plan sweep --networks resnet50,mobilenetv2 --bits 5,6,8 --batch 1,16 --executed")
    {
        Arguments.Add(_folder);
        foreach (Option option in new Option[] { _networks, _bits, _lengths, _batch, _buffer })
            Options.Add(option);
        _costs = new CostOptions(this);
        Options.Add(_executed);
    }

    public override int Run(Call call)
    {
        ImmutableArray<SweepPoint> points = new SweepSpace([.. Words(call.Get(_networks)!)], Numbers(call, _bits), Numbers(call, _lengths),
            Numbers(call, _batch), Numbers(call, _buffer), _costs.Read(call), call.Get(_executed)).Points();
        string folder = call.Get(_folder);
        byte[] plan = SweepFolder.Plan(points);
        call.Terminal.Whole(() => SweepFolder.Create(folder, plan));
        call.Report([$"{folder}: {Quantity.Count(points.Length, "point")}"], "points", points.Length);
        return ExitCode.Success;
    }

    private static Option<string> List(string name, string description, string all) =>
        new(name) { Description = description, DefaultValueFactory = _ => all };

    private static string[] Words(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ImmutableArray<int> Numbers(Call call, Option<string> option) => [.. Words(call.Get(option)!).Select(word =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw DiagnosticDescriptors.BadSweep.Error(null, null, $"{option.Name}: '{word}' is no whole number"))];
}

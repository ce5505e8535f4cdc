using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Report;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Verbs;

/// <summary>EBSP beside the other machines.</summary>
internal sealed class CompareVerb : Verb
{
    private readonly Option<string> _machines = new("--machines")
    {
        Description = "Machines, separated by commas: names, .json or .dll files; all if it is left away. EBSP is always there.",
    };

    private readonly Option<string> _networks = new("--networks")
    {
        Description = "Networks, separated by commas: names, .onnx or .pb files; eight published ones if it is left away.",
    };

    private readonly Option<int> _batch = new("--batch") { Description = "Images of a run.", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _buffer =
        new("--buffer") { Description = "On-chip buffer of every machine in bytes.", DefaultValueFactory = _ => 5_242_880 };

    private readonly CostOptions _costs;

    private readonly Option<bool> _executed =
        new("--executed") { Description = "Compile EBSP's programs and take their cycles and action counts; seconds more." };

    private readonly Option<string?> _accuracy = new("--accuracy")
    {
        Description = "CSV file of measured accuracies, to stand beside cycles and energy; heading network,format,accuracy,source.",
    };

    private readonly Option<string?> _csv = new("--csv") { Description = "Folder for a CSV file of each table." };

    private readonly Option<string> _page =
        new("--page") { Description = "The page with charts and tables.", DefaultValueFactory = _ => "lab-compare.html" };

    private readonly Option<bool> _noPage = new("--no-page") { Description = "Write no page." };

    public CompareVerb()
        : base("compare", "Compares the machines on the networks: area, time, energy, beside the paper's figures.",
            "ebspc lab compare", "ebspc lab compare --networks resnet50 --executed", "ebspc lab compare --elements physical --csv tables")
    {
        _batch.Validators.Add(result => RefuseOutside(result, 1, 4095));
        _buffer.Validators.Add(result => RefuseOutside(result, 65_536, 1 << 29));
        foreach (Option option in new Option[] { _machines, _networks, _batch, _buffer })
            Options.Add(option);
        _costs = new CostOptions(this);
        foreach (Option option in new Option[] { _executed, _accuracy, _csv, _page, _noPage })
            Options.Add(option);
    }

    public override int Run(Call call)
    {
        CostSet costs = _costs.Read(call);
        string[] machines = [.. Words(call.Get(_machines), MachineCatalog.Names).Where(name => name != "ebsp"), "ebsp"];
        Network[] networks = [.. Words(call.Get(_networks), PublishedNetworks.Compared).Select(NetworkReader.Read)];
        int buffer = call.Get(_buffer) / 64 * 64, batch = call.Get(_batch);
        Comparison comparison = Build(buffer, batch);
        AccuracyTable accuracy = call.Get(_accuracy) is { } file ? AccuracyTable.Read(file) : AccuracyTable.Empty;
        ExperimentTable area = AreaExperiment.Run();
        List<ExperimentTable> tables = [area];
        if (call.Get(_executed))
        {
            WeightStationary ours = (WeightStationary)comparison.Machines[^1];
            Conditions conditions = comparison.Ours[0].Conditions;
            NetworkResult[] executed = [.. comparison.Networks.Select(network => ExecutedEbsp.Run(ours, network, conditions))];
            tables.Add(FormExperiment.Table(comparison.Ours, executed));
            comparison = comparison with { Results = comparison.Results.SetItem(machines.Length - 1, [.. executed]) };
        }

        ImmutableArray<PatternPoint> patterns =
            PatternExperiment.Points(comparison.Networks, comparison.Ours[0].Conditions, costs);
        ExperimentTable time = GainExperiments.Time(comparison), energy = GainExperiments.Energy(comparison, costs),
            headline = HeadlineExperiment.Of(area, time, energy);
        tables.AddRange(
        [
            time, energy, RunExperiments.Breakdown(comparison, costs), SensitivityExperiment.Run(comparison, costs),
            SensitivityExperiment.Conditions(Build, costs, buffer, batch), PatternExperiment.Table(patterns, accuracy),
        ]);
        if (!accuracy.Rows.IsEmpty)
            tables.Add(accuracy.ToTable());
        string conditionsOfRun = string.Create(CultureInfo.InvariantCulture,
            $"batch {batch}, buffer {buffer} bytes, 500 MHz, 25.6 GB/s, set {costs.Name}, DRAM {costs.DramName}, SRAM {costs.Device}, ")
            + string.Create(CultureInfo.InvariantCulture,
            $"elements {costs.Column}; EBSP {(call.Get(_executed) ? "executed" : "in closed form")}");
        call.Print(conditionsOfRun);
        foreach (ExperimentTable table in tables.Prepend(headline))
        {
            call.Print();
            call.Print(table.ToText());
        }

        // Too long for a terminal.
        tables.Add(LayerExperiment.Run(comparison.Ours, costs));
        call.Result["tables"] = TablesJson.Of(tables.Prepend(headline))["tables"]!.DeepClone();
        call.Print();
        if (call.Get(_csv) is { } folder)
        {
            Directory.CreateDirectory(folder);
            foreach (ExperimentTable table in tables.Prepend(headline))
                call.Write(Path.Combine(folder, table.Name + ".csv"), Encoding.UTF8.GetBytes(table.ToCsv()), table.Name + "Csv");
        }

        if (!call.Get(_noPage))
        {
            byte[] page = Page.Write("EBSP beside other accelerators",
            [
                "EBSP (DAC 2022), Eyeriss, BitFusion, WAX, OLAccel and plain integer arrays on the same networks, with the paper's " +
                    "figures beside ours.",
                $"Conditions: {conditionsOfRun}.",
            ],
            headline, new CompareFigures(comparison, costs, patterns).All(), tables);
            call.Write(call.Get(_page)!, page, "page");
        }

        return ExitCode.Success;

        Comparison Build(int bufferBytes, int images) => Comparison.Run(
            machines.Select(name => MachineCatalog.Find(name, costs.Column, bufferBytes)),
            networks.Select(network => network.WithBatch(images)),
            new Conditions(BufferBytes: bufferBytes));
    }

    private static IReadOnlyList<string> Words(string? list, IReadOnlyList<string> all) =>
        list is null ? all : list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void RefuseOutside(System.CommandLine.Parsing.OptionResult result, int least, int most)
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < least || value > most))
            result.AddError($"{result.Option.Name} must be in {least}..{most}");
    }
}

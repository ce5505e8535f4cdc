using System.CommandLine;
using System.Text;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Sweeps;

namespace Ebsp.Evaluation.Verbs;

/// <summary>One table of all results.</summary>
internal sealed class SweepMergeVerb : Verb
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "The sweep's folder." };

    private readonly Option<string> _output = new("--output", "-o") { Description = "The table, CSV.", Required = true };

    private readonly Option<bool> _partial = new("--partial") { Description = "Merge what is there though points are missing." };

    private readonly Option<string?> _accuracy = new("--accuracy")
    {
        Description = "CSV file of measured accuracies; heading network,format,accuracy,source.",
    };

    public SweepMergeVerb()
        : base("merge", "Writes one table of all results; the same bytes however the sweep was cut.",
            "ebspc lab sweep merge sweep -o sweep.csv", "ebspc lab sweep merge sweep -o sweep.csv --partial")
    {
        Arguments.Add(_folder);
        foreach (Option option in new Option[] { _output, _partial, _accuracy })
            Options.Add(option);
    }

    public override int Run(Call call)
    {
        SweepFolder folder = SweepFolder.Open(call.Get(_folder));
        AccuracyTable accuracy = call.Get(_accuracy) is { } file ? AccuracyTable.Read(file) : AccuracyTable.Empty;
        (SweepPoint Point, SweepResult? Result)[] rows = [.. folder.Points.Select(point => (point, folder.Find(point)))];
        SweepPoint[] missing = [.. rows.Where(row => row.Result is null).Select(row => row.Point)];
        if (missing.Length > 0 && !call.Get(_partial))
            throw DiagnosticDescriptors.SweepIncomplete.Error(call.Get(_folder), null, missing.Length, rows.Length, missing[0].Id);
        ExperimentTable table = SweepTable.Of(rows.Where(row => row.Result is not null).Select(row => (row.Point, row.Result!)), accuracy);
        call.Write(call.Get(_output)!, Encoding.UTF8.GetBytes(table.ToCsv()));
        call.Report([$"{Quantity.Count(rows.Length - missing.Length)} of {Quantity.Count(rows.Length, "point")}"], "missing",
            missing.Length);
        return ExitCode.Success;
    }
}

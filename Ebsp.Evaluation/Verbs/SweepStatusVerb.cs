using System.CommandLine;
using System.Text.Json.Nodes;
using Ebsp.Evaluation.Sweeps;

namespace Ebsp.Evaluation.Verbs;

/// <summary>How far a sweep is.</summary>
internal sealed class SweepStatusVerb : Verb
{
    private const int Shown = 5;

    private readonly Argument<string> _folder = new("FOLDER") { Description = "The sweep's folder." };

    public SweepStatusVerb()
        : base("status", "Counts finished, missing and damaged points.", "ebspc lab sweep status sweep") => Arguments.Add(_folder);

    public override int Run(Call call)
    {
        SweepFolder folder = SweepFolder.Open(call.Get(_folder));
        SweepPoint[] missing = [.. folder.Points.Where(point => folder.Find(point) is null)];
        int damaged = missing.Count(folder.IsDamaged);
        call.Report(
            [
                $"{Quantity.Count(folder.Points.Length - missing.Length)} of {Quantity.Count(folder.Points.Length, "point")} done, " +
                    $"{Quantity.Count(damaged)} damaged or of another version (the next run computes them again)",
                .. missing.Take(Shown).Select(point => $"missing: {point.Id}"),
                .. missing.Length > Shown ? [$"and {Quantity.Count(missing.Length - Shown)} more"] : Array.Empty<string>(),
            ],
            new JsonObject { ["points"] = folder.Points.Length, ["missing"] = missing.Length, ["damaged"] = damaged });
        return ExitCode.Success;
    }
}

using System.CommandLine;
using System.Diagnostics;
using Ebsp.Evaluation.Sweeps;

namespace Ebsp.Evaluation.Verbs;

/// <summary>Computes the points of a shard that have no result yet.</summary>
internal sealed class SweepRunVerb : Verb
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "The sweep's folder." };

    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Part i/N of the points, i from 0; else that of a Slurm array job or of an indexed Kubernetes job, else all.",
    };

    private readonly Option<int?> _shards = new("--shards") { Description = "N where the scheduler tells i alone, as Kubernetes does." };

    private readonly Option<int?> _budget = new("--time-budget")
    {
        Description = "Seconds after which no further point is begun; what is missing is computed by the next run.",
    };

    public SweepRunVerb()
        : base("run", "Computes what is missing of a shard. Finished points are kept, also when it is stopped or killed.",
            "ebspc lab sweep run sweep", "ebspc lab sweep run sweep --shard 3/8")
    {
        Arguments.Add(_folder);
        foreach (Option option in new Option[] { _shard, _shards, _budget })
            Options.Add(option);
    }

    public override int Run(Call call)
    {
        Shard shard = Shard.Of(call.Get(_shard), call.Get(_shards), Environment.GetEnvironmentVariable);
        SweepFolder folder = SweepFolder.Open(call.Get(_folder));
        SweepPoint[] points = [.. folder.Of(shard)];
        int computed = 0, kept = 0, shared = 0;
        Stopwatch clock = Stopwatch.StartNew();
        using (Progress progress = call.StartProgress("points", points.Length))
        {
            foreach (SweepPoint point in points)
            {
                call.Cancellation.ThrowIfCancellationRequested();
                if (call.Get(_budget) is { } seconds && clock.Elapsed.TotalSeconds >= seconds)
                    break;
                if (folder.Find(point) is not null)
                {
                    kept++;
                }
                else
                {
                    SweepResult result = SweepResult.Compute(point);
                    bool isThere = false;
                    call.Terminal.Whole(() => isThere = folder.Keep(point, result));
                    shared += isThere ? 1 : 0;
                    computed++;
                }

                progress.Advance(1);
            }
        }

        if (shared > 0)
        {
            call.Note($"note: {Quantity.Count(shared, "point")} had been written by another run meanwhile, with the same result: two " +
                $"shards " +
                "at once do the same work");
        }

        int left = points.Length - kept - computed;
        call.Report([$"shard {shard.Index}/{shard.Count}: {Quantity.Count(computed, "point")} computed, {Quantity.Count(kept)} kept, " +
            $"{Quantity.Count(left)} left"],
            new System.Text.Json.Nodes.JsonObject { ["computed"] = computed, ["kept"] = kept, ["left"] = left });
        return ExitCode.Success;
    }
}

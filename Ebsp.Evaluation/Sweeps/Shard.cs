using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Evaluation.Sweeps;

/// <summary>Part of a sweep: points i, i + N, i + 2N, ...</summary>
/// <param name="Index">i, 0..N-1.</param>
/// <param name="Count">N.</param>
internal readonly record struct Shard(int Index, int Count)
{
    private const int MostShards = 1_000_000;

    /// <summary>The shard of a call: <c>i/N</c> as given, else that of a Slurm array job or of an indexed Kubernetes job, else
    /// all.</summary>
    /// <param name="text">As given, or null.</param>
    /// <param name="shards">N for a scheduler that tells i alone; null if not given.</param>
    /// <param name="environment">Variables of the process.</param>
    /// <exception cref="EbspException">EBSP8005: it is none.</exception>
    public static Shard Of(string? text, int? shards, Func<string, string?> environment)
    {
        if (text is not null)
            return text.Split('/') is [var i, var n] ? Checked(i, n, "--shard") : throw Bad($"--shard must be i/N, not '{text}'");
        if (environment("SLURM_ARRAY_TASK_ID") is { Length: > 0 } task)
        {
            // An array may start at 1.
            int first = Number(environment("SLURM_ARRAY_TASK_MIN") ?? "0", "SLURM_ARRAY_TASK_MIN");
            string count = shards?.ToString(CultureInfo.InvariantCulture) ?? environment("SLURM_ARRAY_TASK_COUNT") ?? "";
            return Checked((Number(task, "SLURM_ARRAY_TASK_ID") - first).ToString(CultureInfo.InvariantCulture), count,
                "SLURM_ARRAY_TASK_ID");
        }

        if (environment("JOB_COMPLETION_INDEX") is { Length: > 0 } index)
        {
            return shards is { } n ? Checked(index, n.ToString(CultureInfo.InvariantCulture), "JOB_COMPLETION_INDEX")
                : throw Bad("an indexed job tells its index alone: --shards must say how many there are");
        }

        return shards is null or 1 ? new Shard(0, 1) : throw Bad("--shards is for schedulers that tell an index; elsewhere --shard i/N");
    }

    private static Shard Checked(string index, string count, string what)
    {
        int n = Number(count, what), i = Number(index, what);
        return n is >= 1 and <= MostShards && i >= 0 && i < n ? new Shard(i, n)
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"{what} is shard {i} of {n}; i must be in 0..N-1, N in " +
                $"1..{MostShards}"));
    }

    private static int Number(string text, string what) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
        out int number) ? number : throw Bad($"{what} must be a whole number, not '{text}'");

    private static EbspException Bad(string cause) => DiagnosticDescriptors.BadSweep.Error(null, null, cause);
}

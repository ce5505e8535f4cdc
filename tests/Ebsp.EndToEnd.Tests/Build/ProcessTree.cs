using System.Diagnostics;
using System.Globalization;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>What a process and all that it starts take, read from /proc while they run. The kernel keeps the peaks, so that only the last
/// milliseconds of a process can escape.</summary>
internal sealed class ProcessTree
{
    private const double TicksPerSecond = 100;
    private readonly Dictionary<int, Usage> _seen = [];

    private sealed record Usage(string Name, long Peak, long Ticks);

    /// <summary>The largest peak of resident memory of a single process, bytes, and which process it was.</summary>
    public (long Bytes, string Name) Peak => _seen.Values.Select(usage => (usage.Peak, usage.Name)).Max();

    /// <summary>Processor time of all.</summary>
    public TimeSpan Processor => TimeSpan.FromSeconds(_seen.Values.Sum(usage => usage.Ticks) / TicksPerSecond);

    /// <summary>Wall time until the first process ended.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Watches a process to its end. The test ends as inconclusive where there is no /proc.</summary>
    public static ProcessTree Watch(Process root, out ProcessResult result)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Memory of processes is read from /proc.");
        ProcessTree tree = new();
        Stopwatch clock = Stopwatch.StartNew();
        int id = root.Id;
        using CancellationTokenSource ended = new();
        Thread watcher = new(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                tree.Look(id);
                Thread.Sleep(10);
            }
        });
        watcher.Start();
        result = DotNet.Finish(root);
        tree.Duration = clock.Elapsed;
        ended.Cancel();
        watcher.Join();
        return tree;
    }

    private void Look(int root)
    {
        Dictionary<int, (int Parent, string Name, long Ticks)> all = [];
        foreach (string folder in Directory.GetDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && Read(folder + "/stat") is { } text)
            {
                // pid (name) state ppid ... utime and stime are fields 14 and 15; a name may hold blanks and brackets.
                int end = text.LastIndexOf(')');
                string[] fields = text[(end + 2)..].Split(' ');
                all[id] = (int.Parse(fields[1], CultureInfo.InvariantCulture), text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end],
                    long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture));
            }

        foreach ((int id, (int _, string name, long ticks)) in all)
        {
            if (!IsBelow(id) || Read($"/proc/{id}/status") is not { } status)
                continue;
            // A process that has ended and waits for its parent has no memory any more.
            long peak = status.Split('\n').FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
                ? 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
                    : 0;
            string command = (Read($"/proc/{id}/cmdline") ?? "").Replace('\0', ' ');
            Usage earlier = _seen.GetValueOrDefault(id, new Usage("", 0, 0));
            _seen[id] = new Usage(command.Length > 0 ? command : earlier.Name.Length > 0 ? earlier.Name : name,
                Math.Max(peak, earlier.Peak), ticks);
        }

        bool IsBelow(int id)
        {
            while (id > 1 && id != root && all.TryGetValue(id, out (int Parent, string, long) process))
                id = process.Parent;
            return id == root;
        }
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Text;

namespace Ebsp.TestKit;

/// <summary>Files of the repository that a test makes again and compares; EBSP_BLESS=1 rewrites them.</summary>
public static class Golden
{
    private const int Context = 3;
    private const int MaxLines = 60;

    /// <summary>The folder that holds Ebsp.sln.</summary>
    /// <exception cref="DirectoryNotFoundException">The test does not run below the repository.</exception>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Whether golden files are rewritten.</summary>
    public static bool Bless { get; } = Environment.GetEnvironmentVariable("EBSP_BLESS") == "1";

    /// <summary>Compares a text with a committed file, line ends apart; fails with the lines that differ.</summary>
    /// <param name="path">Path below the repository.</param>
    /// <param name="actual">What the file should hold, lines ended by \n.</param>
    public static void Check(string path, string actual)
    {
        string file = Path.Combine(RepositoryRoot, path);
        if (Bless)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }

        if (!File.Exists(file))
            Assert.Fail($"{path} is absent; EBSP_BLESS=1 writes it.");
        string expected = File.ReadAllText(file).Replace("\r\n", "\n", StringComparison.Ordinal);
        if (expected != actual)
            Assert.Fail($"{path} differs from what the code makes; EBSP_BLESS=1 rewrites it.\n{Diff(expected, actual)}");
    }

    /// <summary>The lines between the common head and the common tail: '-' committed, '+' made now.</summary>
    public static string Diff(string expected, string actual)
    {
        string[] old = expected.Split('\n');
        string[] made = actual.Split('\n');
        int shorter = Math.Min(old.Length, made.Length);
        int head = 0;
        while (head < shorter && old[head] == made[head])
            head++;
        int tail = 0;
        while (tail < shorter - head && old[^(tail + 1)] == made[^(tail + 1)])
            tail++;

        StringBuilder diff = new();
        diff.Append(CultureInfo.InvariantCulture, $"line {head + 1}:\n");
        Append(diff, ' ', old[Math.Max(0, head - Context)..head]);
        Append(diff, '-', old[head..^tail]);
        Append(diff, '+', made[head..^tail]);
        Append(diff, ' ', old[^tail..Math.Min(old.Length, old.Length - tail + Context)]);
        return diff.ToString();
    }

    private static void Append(StringBuilder diff, char mark, string[] lines)
    {
        foreach (string line in lines.Take(MaxLines))
            diff.Append(mark).Append(line).Append('\n');
        if (lines.Length > MaxLines)
            diff.Append(CultureInfo.InvariantCulture, $"{mark}... {lines.Length - MaxLines} more\n");
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Ebsp.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("The test does not run below the repository.");
    }
}

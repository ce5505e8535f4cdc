using System.Text.RegularExpressions;
using Ebsp.TestKit;

namespace Ebsp.House.Tests;

/// <summary>A C# file of the repository.</summary>
/// <param name="Path">Its path below the root, with '/'.</param>
/// <param name="Text">Its content.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>Every file below a folder that people write: no build output, nothing of a user's project in a template.</summary>
    public static IEnumerable<SourceFile> Below(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Where(path => !Made().IsMatch(path)).Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path, File.ReadAllText(System.IO.Path.Combine(folder, path))));

    /// <summary>All files of the repository.</summary>
    public static IReadOnlyList<SourceFile> All { get; } = [.. Below(Golden.RepositoryRoot)];

    /// <summary>The code without comments and without texts.</summary>
    public string Code => Quoted().Replace(Comment().Replace(Raw().Replace(Text, "\"\""), ""), "\"\"");

    /// <summary>The lines with their numbers, without raw texts, which are documents.</summary>
    public IEnumerable<(int Number, string Line)> Lines()
    {
        bool isRaw = false;
        int number = 0;
        foreach (string line in Text.Split('\n'))
        {
            bool wasRaw = isRaw;
            if (line.Split("\"\"\"").Length % 2 == 0)
                isRaw = !isRaw;
            number++;
            if (!wasRaw)
                yield return (number, Raw().Replace(line, "\"\"").TrimEnd('\r'));
        }
    }

    [GeneratedRegex("(^|/)(artifacts|bin|obj|content)/")]
    private static partial Regex Made();

    [GeneratedRegex("\"\"\".*?\"\"\"", RegexOptions.Singleline)]
    private static partial Regex Raw();

    [GeneratedRegex("//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex("\"(\\\\.|[^\"\\\\\n])*\"")]
    private static partial Regex Quoted();
}

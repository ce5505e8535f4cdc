using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>Names of classes from a text file.</summary>
public static class ClassNames
{
    private const long MaxBytes = 1 << 24;

    /// <summary>Reads names: one a line, or lines of <c>class TAB ... TAB name</c> in any order; empty lines do not count.</summary>
    /// <param name="path">A text file of at most 16 MiB.</param>
    /// <returns>The names by class.</returns>
    /// <exception cref="Diagnostics.EbspException">The file cannot be read, or its classes are not 0..n-1, each once
    /// (EBSP7xxx).</exception>
    public static ImmutableArray<string> Read(string path) => DataReader.Guard<ImmutableArray<string>>(path, () =>
    {
        if (new FileInfo(path).Length > MaxBytes)
            throw DataDiagnostics.Error(DataDiagnostics.TooLarge, path, null, "The file of class names takes more than 16 MiB.",
                "Give a text file with one name a line.");
        string[] lines = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        if (lines.Length == 0 || !lines[0].Contains('\t'))
            return [.. lines];
        string?[] names = new string?[lines.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            string[] fields = lines[i].Split('\t');
            if (fields.Length < 2 || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                || number >= names.Length || names[number] is not null)
                throw DataDiagnostics.Error(DataDiagnostics.BadValue, path, string.Create(CultureInfo.InvariantCulture, $"line {i + 1}"),
                    "The line does not start with a class of its own, 0 to one less than the lines.",
                        "Write class, tab, name a line, or names alone.");
            names[number] = fields[^1].Trim();
        }

        return [.. names.Select(name => name!)];
    });
}

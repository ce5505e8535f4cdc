namespace Ebsp.Cli.Printing;

/// <summary>Names of files for several outputs of a network: that of the option with the output's name before its ending.</summary>
internal static class OutputFileNames
{
    /// <summary>The file of an output.</summary>
    /// <param name="path">What was asked for, such as <c>out.npy</c>.</param>
    /// <param name="output">Name of the output; what may not stand in a file name becomes <c>_</c>.</param>
    /// <param name="used">Names taken so far; this one is added.</param>
    public static string Of(string path, string output, HashSet<string> used)
    {
        string name = string.Concat(output.Select(unit => char.IsAsciiLetterOrDigit(unit) || unit is '-' or '_' or '.' ? unit : '_'));
        string ending = Path.GetExtension(path), stem = path[..^ending.Length], wish = $"{stem}.{name}{ending}";
        for (int i = 2; !used.Add(wish); i++)
            wish = FormattableString.Invariant($"{stem}.{name}.{i}{ending}");
        return wish;
    }
}

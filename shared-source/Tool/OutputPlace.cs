namespace Ebsp.Tool;

/// <summary>Where an output goes.</summary>
internal static class OutputPlace
{
    private static readonly StringComparison Case = OperatingSystem.IsLinux() ? StringComparison.Ordinal
        : StringComparison.OrdinalIgnoreCase;

    /// <summary>Whether two paths lead to one place; links are followed.</summary>
    public static bool IsSame(string a, string b) => a.Length > 0 && b.Length > 0 && Real(a).Equals(Real(b), Case);

    private static string Real(string path)
    {
        try
        {
            string full = Path.GetFullPath(path);
            return new FileInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // What names no file: a number, a word.
            return path;
        }
    }
}

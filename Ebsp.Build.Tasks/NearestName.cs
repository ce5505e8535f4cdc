using Ebsp.Spelling;

namespace Ebsp.Build.Tasks;

/// <summary>The name that somebody may have meant.</summary>
internal static class NearestName
{
    /// <summary>The nearest of some names, ignoring case, if it is near: at most a third of the letters differ.</summary>
    public static string? Of(string name, IEnumerable<string> names)
    {
        (string? best, int least) = ((string?)null, (name.Length / 3) + 1);
        foreach (string candidate in names.OrderBy(text => text, StringComparer.Ordinal))
        {
            int distance = EditDistance.Of(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < least)
                (best, least) = (candidate, distance);
        }

        return best;
    }

    /// <summary>"; the nearest name is 'x'" for a file that is missing, or nothing.</summary>
    public static string Hint(string path)
    {
        try
        {
            string? folder = Path.GetDirectoryName(path);
            if (folder is null || !Directory.Exists(folder))
                return "";
            string? nearest = Of(Path.GetFileName(path), Directory.EnumerateFileSystemEntries(folder).Take(1000).Select(Path.GetFileName));
            return nearest is null ? "" : $"; the nearest name is '{nearest}'";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}

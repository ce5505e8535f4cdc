namespace Ebsp.Build.Tasks;

/// <summary>Paths as seen from a folder; netstandard2.0 has no such thing.</summary>
internal static class RelativePath
{
    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <summary>A path as seen from a folder, or the path itself if they have no root in common.</summary>
    /// <param name="folder">Full path of the folder.</param>
    /// <param name="path">Full path.</param>
    public static string Of(string folder, string path)
    {
        string[] from = folder.TrimEnd(Separators).Split(Separators), to = path.Split(Separators);
        int same = 0;
        while (same < from.Length && same < to.Length && from[same] == to[same])
            same++;
        return same == 0 ? path
            : string.Join(Path.DirectorySeparatorChar.ToString(), Enumerable.Repeat("..", from.Length - same).Concat(to.Skip(same)));
    }
}

using System.Text;

namespace Ebsp.Build.Tasks;

/// <summary>Writes files whole or not at all: beside their place, then renamed over it. A file that already holds the content is not
/// touched.</summary>
internal static class WholeFile
{
    /// <summary>Ending of what is not yet whole.</summary>
    public const string Temporary = ".tmp";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a text in UTF-8 without byte-order mark.</summary>
    public static void Write(string path, string text)
    {
        if (ReadOrNull(path) != text)
            Replace(path, place => File.WriteAllText(place, text, Utf8));
    }

    /// <summary>Copies a file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="path">The copy's place.</param>
    /// <param name="sha256">SHA-256 of the source.</param>
    public static void Copy(string source, string path, string sha256)
    {
        if (!File.Exists(path) || Sha256.OfFile(path) != sha256)
            Replace(path, place => CopyContent(source, place));
    }

    /// <summary>The text of a file, or null if it cannot be read.</summary>
    public static string? ReadOrNull(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path, Utf8) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Not File.Copy: it would make the copy of a read-only file read-only, and of an old file old.
    private static void CopyContent(string source, string place)
    {
        using FileStream from = new(source, FileMode.Open, FileAccess.Read, FileShare.Read);
        using FileStream to = new(place, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        from.CopyTo(to, 1 << 20);
    }

    private static void Replace(string path, Action<string> write)
    {
        string place = $"{path}.{Guid.NewGuid():N}{Temporary}";
        try
        {
            write(place);
            if (File.Exists(path))
                File.Replace(place, path, destinationBackupFileName: null);
            else
                File.Move(place, path);
        }
        finally
        {
            File.Delete(place);
        }
    }
}

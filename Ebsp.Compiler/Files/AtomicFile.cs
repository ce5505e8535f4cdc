using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Files;

/// <summary>Files that exist whole or not at all: written beside their place, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Its place; a file there is replaced.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="EbspException">EBSP1011: it cannot be written; nothing is left behind.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        byte[] copy = content.ToArray();
        Write(path, stream => stream.Write(copy));
    }

    /// <summary>Writes a file through a stream.</summary>
    /// <param name="path">Its place; a file there is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="EbspException">EBSP1011: it cannot be written; nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            string beside = $"{full}.{Environment.ProcessId:x}-{Guid.NewGuid():N}.tmp";
            using (FileStream stream = new(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                temporary = beside;
                write(stream);
            }

            File.Move(beside, full, overwrite: true);
            temporary = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw DiagnosticDescriptors.OutputNotWritten.Error(path, null, e.Message);
        }
        finally
        {
            if (temporary is not null)
                TryDelete(temporary);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here is the one to report.
        }
    }
}

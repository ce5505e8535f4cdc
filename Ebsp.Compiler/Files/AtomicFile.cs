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
            if (!IsPlaceOfFile(full))
                throw new IOException("A device or pipe stands there.");
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

    // A device or pipe would be replaced by the file. A pipe is told by its stream: opened for both ways, it does not wait for a reader.
    private static bool IsPlaceOfFile(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
            return true;
        if (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
            return false;
        try
        {
            using FileStream there = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return there.CanSeek;
        }
        catch (UnauthorizedAccessException)
        {
            // A read-only file, which a rename may replace.
            return true;
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

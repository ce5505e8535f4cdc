using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Files;

/// <summary>Reads whole files up to a limit.</summary>
public static class FileBytes
{
    /// <summary>Largest file in bytes: what one protobuf message may have.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="EbspException">EBSP1001, EBSP1004: it cannot be read or is too large.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
                throw DiagnosticDescriptors.ModelLimit.Error(path, null, "the file has more than 1 GiB");
            byte[] data = new byte[stream.Length];
            stream.ReadExactly(data);
            return data;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DiagnosticDescriptors.ModelUnreadable.Error(path, null, "it does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw DiagnosticDescriptors.ModelUnreadable.Error(path, null, e.Message.TrimEnd('.'));
        }
    }
}

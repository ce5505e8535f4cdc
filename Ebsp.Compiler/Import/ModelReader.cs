using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>Reads a model file of either kind, told apart by its content.</summary>
public static class ModelReader
{
    /// <summary>Largest file in bytes: what one protobuf message may have.</summary>
    public const long MaxFileBytes = 1L << 30;

    /// <summary>Reads a .onnx or .pb file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Preprocessing and labels; they replace those of the file.</param>
    /// <exception cref="EbspException">The file cannot be read or is refused.</exception>
    public static Graph Read(string path, ImportOptions? options = null)
    {
        byte[] data = ReadBytes(path);
        return GraphFile.HasMagic(data)
            ? (options ?? ImportOptions.Default).ApplyTo(GraphFile.Parse(data, path), path)
            : OnnxImporter.Import(data, options, path);
    }

    /// <summary>All bytes of a model file.</summary>
    /// <exception cref="EbspException">EBSP1001, EBSP1004: it cannot be read or is too large.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxFileBytes)
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

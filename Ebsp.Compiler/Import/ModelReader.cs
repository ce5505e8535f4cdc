using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>Reads a model file of either kind, told apart by its content.</summary>
public static class ModelReader
{
    /// <summary>Reads a .onnx or .pb file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Preprocessing and labels; they replace those of the file.</param>
    /// <exception cref="EbspException">The file cannot be read or is refused.</exception>
    public static Graph Read(string path, ImportOptions? options = null)
    {
        byte[] data = FileBytes.Read(path);
        return GraphFile.HasMagic(data)
            ? (options ?? ImportOptions.Default).ApplyTo(GraphFile.Parse(data, path), path)
            : OnnxImporter.Import(data, options, path);
    }
}

using System.Security.Cryptography;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Execution;

/// <summary>A model of any kind: an ONNX file, a .pb with a float or integer graph, or a program. Content decides, not the name.</summary>
/// <param name="Path">The file.</param>
/// <param name="FileSha256">SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="Sha256">SHA-256 of file and external data together; that of the file where there is none.</param>
/// <param name="Bytes">Size in bytes.</param>
/// <param name="Graph">The graph, or null for a program.</param>
/// <param name="Program">The program, or null for a graph.</param>
/// <param name="Import">What the import of an ONNX file found; null for other files.</param>
public sealed record ModelFile(
    string Path, string FileSha256, string Sha256, long Bytes, Graph? Graph, EbspProgram? Program, ImportReport? Import)
{
    private static ReadOnlySpan<byte> ProgramMagic => [0x89, (byte)'E', (byte)'B', (byte)'S', (byte)'P'];

    /// <summary>Whether the graph was imported from ONNX.</summary>
    public bool IsOnnx => Import is not null;

    /// <summary>What it is, with its article.</summary>
    public string Kind => Program is not null
        ? "an .ebsp program"
        : Graph!.IsInteger ? "a quantized .pb" : IsOnnx ? "an ONNX model" : "a float .pb";

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Preprocessing and labels of a graph; null for those of the file.</param>
    /// <param name="machine">A machine with other timing fields for a program; null for its own.</param>
    /// <exception cref="EbspException">The file cannot be read, or is refused.</exception>
    /// <exception cref="EbspFormatException">The program breaks a rule.</exception>
    public static ModelFile Open(string path, ImportOptions? options = null, ArchSpec? machine = null) =>
        Parse(FileBytes.Read(path), path, options, machine);

    /// <summary>Opens a file whose bytes were read.</summary>
    /// <param name="data">All of the file.</param>
    /// <param name="path">The file; external data lie below its folder.</param>
    /// <param name="options">As for <see cref="Open"/>.</param>
    /// <param name="machine">As for <see cref="Open"/>.</param>
    /// <param name="imported">Called with the import of an ONNX file, before a refusal; null for nobody.</param>
    /// <exception cref="EbspException">The file is refused.</exception>
    /// <exception cref="EbspFormatException">The program breaks a rule.</exception>
    public static ModelFile Parse(byte[] data, string path, ImportOptions? options = null, ArchSpec? machine = null,
        Action<ImportReport>? imported = null)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(data));
        if (data.AsSpan().StartsWith(ProgramMagic))
            return new ModelFile(path, hash, hash, data.Length, null, ProgramReader.Open(data, machine), null);
        ImportReport? report = GraphFile.HasMagic(data) ? null : OnnxImporter.Check(data, path, options?.Size);
        if (report is not null)
            imported?.Invoke(report);
        Graph graph = report is null ? GraphFile.Parse(data, path) : report.Graph ?? throw new EbspException(report.Diagnostics);
        graph = (options ?? ImportOptions.Default).ApplyTo(graph, path);
        return new ModelFile(path, hash, report?.SourceSha256(hash) ?? hash, data.Length, graph, null, report);
    }

    /// <summary>The graph; a program is refused.</summary>
    /// <param name="verb">Who asks.</param>
    /// <param name="takes">What it takes, with its article.</param>
    /// <exception cref="EbspException">It is a program.</exception>
    public Graph RequireGraph(string verb, string takes) => Graph ?? throw Refuse(verb, takes);

    /// <summary>The program; a graph is refused.</summary>
    /// <param name="verb">Who asks.</param>
    /// <exception cref="EbspException">It is a graph.</exception>
    public EbspProgram RequireProgram(string verb) => Program ?? throw Refuse(verb, "an .ebsp program");

    /// <summary>The refusal of this file.</summary>
    /// <param name="verb">Who refuses.</param>
    /// <param name="takes">What it takes, with its article.</param>
    public EbspException Refuse(string verb, string takes) => DiagnosticDescriptors.WrongKind.Error(Path, null, Kind, verb, takes);
}

using Ebsp.Build.Tasks;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Running;

/// <summary>A model of any kind: an ONNX file, a .pb with a float or integer graph, or a program. Content decides, not the name.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Its SHA-256.</param>
/// <param name="Bytes">Size in bytes.</param>
/// <param name="Graph">The graph, or null for a program.</param>
/// <param name="Program">The program, or null for a graph.</param>
/// <param name="IsOnnx">Whether the graph was imported from ONNX.</param>
internal sealed record ModelFile(string Path, string Sha256, long Bytes, Graph? Graph, EbspProgram? Program, bool IsOnnx)
{
    private static ReadOnlySpan<byte> ProgramMagic => [0x89, (byte)'E', (byte)'B', (byte)'S', (byte)'P'];

    /// <summary>What it is, with its article.</summary>
    public string Kind => Program is not null
        ? "an .ebsp program"
        : Graph!.IsInteger ? "a quantized .pb" : IsOnnx ? "an ONNX model" : "a float .pb";

    /// <summary>The graph; a program is refused.</summary>
    public Graph RequireGraph(string verb, string takes) => Graph ?? throw Refuse(verb, takes);

    /// <summary>The program; a graph is refused.</summary>
    public EbspProgram RequireProgram(string verb) => Program ?? throw Refuse(verb, "an .ebsp program");

    /// <summary>The refusal of this file.</summary>
    public EbspException Refuse(string verb, string takes) => DiagnosticDescriptors.WrongKind.Error(Path, null, Kind, verb, takes);

    /// <summary>Reads a file.</summary>
    /// <param name="call">Notes the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Preprocessing and labels of a graph; null for those of the file.</param>
    /// <param name="machine">A machine with other timing fields for a program; null for its own.</param>
    /// <exception cref="EbspException">The file cannot be read, or is refused.</exception>
    /// <exception cref="EbspFormatException">The program breaks a rule.</exception>
    public static ModelFile Open(Call call, string path, ImportOptions? options = null, ArchSpec? machine = null)
    {
        byte[] data = Read(path);
        string hash = call.Record(path, data);
        if (data.AsSpan().StartsWith(ProgramMagic))
            return new ModelFile(path, hash, data.Length, null, ProgramReader.Open(data, machine), false);
        bool isOnnx = !GraphFile.HasMagic(data);
        Graph graph;
        if (isOnnx)
        {
            ImportReport report = OnnxImporter.Check(data, path);
            graph = report.Graph ?? throw new EbspException(report.Diagnostics);
            hash = call.Record(report, hash);
        }
        else
            graph = GraphFile.Parse(data, path);
        graph = (options ?? ImportOptions.Default).ApplyTo(graph, path);
        if (isOnnx && options is { Preprocessing: null })
            call.Note($"{path}: note: raw pixels go into the network as they are; --scale, --mean and --std say otherwise");
        return new ModelFile(path, hash, data.Length, graph, null, isOnnx);
    }

    private static byte[] Read(string path)
    {
        try
        {
            return ModelReader.ReadBytes(path);
        }
        catch (EbspException e) when (e.Diagnostics[0].Code == DiagnosticDescriptors.ModelUnreadable.Code && Nearest(path) is { } nearest)
        {
            Diagnostic found = e.Diagnostics[0];
            throw new EbspException(
                found with { Cause = $"{found.Cause.TrimEnd('.')} ({System.IO.Path.GetFullPath(path)})",
                Fix = $"Did you mean '{nearest}'?" });
        }
    }

    // The file of the same folder whose name is nearest, if it is near.
    private static string? Nearest(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal) || Directory.Exists(path))
            return null;
        string? folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        if (folder is null || !Directory.Exists(folder))
            return null;
        string name = System.IO.Path.GetFileName(path);
        return Directory.EnumerateFiles(folder).Take(1000).Select(file => System.IO.Path.GetFileName(file))
            .Select(file => (File: file, Distance: EditDistance.Of(file, name))).OrderBy(pair => pair.Distance)
                .ThenBy(pair => pair.File, StringComparer.Ordinal)
            .Where(pair => pair.Distance <= 3 && pair.Distance < name.Length).Select(pair => pair.File).FirstOrDefault();
    }
}

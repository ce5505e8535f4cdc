using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>Reads ONNX models into the graph of the compiler.</summary>
public static class OnnxImporter
{
    /// <summary>Most nodes of a model.</summary>
    public const int MaxNodes = 200_000;

    /// <summary>Most constants of a model.</summary>
    public const int MaxTensors = 1_000_000;

    /// <summary>Imports a file.</summary>
    /// <exception cref="EbspException">EBSP1xxx: the file cannot be read, or not everything in it maps; every node that does not is
    /// named.</exception>
    public static Graph Import(string path, ImportOptions? options = null) => Import(FileBytes.Read(path), options, path);

    /// <summary>Imports the bytes of a file.</summary>
    /// <param name="data">All of the file.</param>
    /// <param name="options">Preprocessing and labels.</param>
    /// <param name="file">Its path, for diagnostics and for external data below its folder; null where it has none.</param>
    /// <exception cref="EbspException">EBSP1xxx: as for a file.</exception>
    public static Graph Import(ReadOnlySpan<byte> data, ImportOptions? options = null, string? file = null)
    {
        ImportReport report = Check(data, file, options?.Size);
        Graph graph = report.Graph ?? throw new EbspException(report.Diagnostics);
        return (options ?? ImportOptions.Default).ApplyTo(graph, file);
    }

    /// <summary>What maps and what does not, without throwing.</summary>
    public static ImportReport Check(string path)
    {
        try
        {
            return Check(FileBytes.Read(path), path);
        }
        catch (EbspException e)
        {
            return new ImportReport(path, 0, [], [.. e.Diagnostics], null);
        }
    }

    /// <summary>What maps and what does not, without throwing.</summary>
    /// <param name="data">All of the file.</param>
    /// <param name="file">Its path, for diagnostics and for external data below its folder; null where it has none.</param>
    /// <param name="size">Rows and columns of an input that leaves them open; null where it does not.</param>
    public static ImportReport Check(ReadOnlySpan<byte> data, string? file = null, (int Height, int Width)? size = null)
    {
        try
        {
            ModelProto model = Parse(data, file, out ImmutableArray<string> unknown);
            return OnnxGraphImport.Run(model, file, size) with { UnknownFields = unknown };
        }
        catch (EbspException e)
        {
            return new ImportReport(file, 0, [], [.. e.Diagnostics], null);
        }
    }

    // Fields of the format that decide nothing here: training, annotations, metadata, devices, overloads of functions.
    private static readonly HashSet<string> HarmlessFields =
    [
        "ModelProto.20", "ModelProto.26", "GraphProto.14", "GraphProto.16", "NodeProto.8", "NodeProto.9", "NodeProto.10", "TensorProto.16",
            "ValueInfoProto.4",
    ];

    private static ModelProto Parse(ReadOnlySpan<byte> data, string? file, out ImmutableArray<string> unknown)
    {
        if (FileKind.NameForeign(data) is { } kind)
            throw DiagnosticDescriptors.NotAModel.Error(file, null, kind);
        if (GraphFile.HasMagic(data))
            throw DiagnosticDescriptors.NotAModel.Error(file, null, "an EBSP .pb file and no ONNX model");
        unknown = [.. WirePreScan.Check(data, ModelProto.Descriptor, file).Where(field => !HarmlessFields.Contains(field))];
        if (unknown.Contains("TensorProto.3"))
            throw DiagnosticDescriptors.InvalidModel.Error(file, null, "a tensor is stored in segments, which is not supported");
        ModelProto model = ModelProto.Parser.ParseFrom(data);
        if (model.Graph is null)
            throw DiagnosticDescriptors.InvalidModel.Error(file, null, "the model has no graph");
        if (model.IrVersion is < 1 or > 20)
            throw DiagnosticDescriptors.InvalidModel.Error(file, null, $"IR version {model.IrVersion}; versions 1 to 20 are known");
        if (model.Functions.Count != 0)
            throw DiagnosticDescriptors.InvalidModel.Error(file, null, "the model defines functions of its own, which is not supported");
        if (model.Graph.Node.Count > MaxNodes)
            throw DiagnosticDescriptors.ModelLimit.Error(file, null, $"more than {MaxNodes} nodes");
        if (model.Graph.Initializer.Count > MaxTensors)
            throw DiagnosticDescriptors.ModelLimit.Error(file, null, $"more than {MaxTensors} constants");
        return model;
    }
}

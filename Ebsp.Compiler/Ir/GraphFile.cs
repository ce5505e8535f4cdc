using System.Buffers.Binary;
using System.Security.Cryptography;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Google.Protobuf;
using Wire = Ebsp.Compiler.Protos.Ir;

namespace Ebsp.Compiler.Ir;

/// <summary>
/// Graphs, float and integer, as .pb files: a message with magic, version, number of nodes, payload and the payload's SHA-256.
/// One graph has one encoding.
/// </summary>
public static class GraphFile
{
    /// <summary>Version of the format.</summary>
    public const uint Version = 1;

    // "EBSPIR\r\n" as a little-endian number: damaged by a transfer as text.
    private const ulong Magic = 0x0A0D_5249_5053_4245;

    // Tag of field 1, fixed64, and the magic.
    private const int HeadBytes = 9;

    /// <summary>Whether a file begins as a .pb of this format does (or is cut within its first 9 bytes).</summary>
    public static bool HasMagic(ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        head[0] = 0x09;
        BinaryPrimitives.WriteUInt64LittleEndian(head[1..], Magic);
        return data.Length > 0 && head.StartsWith(data[..Math.Min(data.Length, HeadBytes)]);
    }

    /// <summary>Writes a graph to a file, whole or not at all.</summary>
    /// <exception cref="EbspException">EBSP1011: it cannot be written.</exception>
    public static void Write(Graph graph, string path) => AtomicFile.Write(path, Serialize(graph));

    /// <summary>The bytes of a graph's file.</summary>
    public static byte[] Serialize(Graph graph)
    {
        byte[] payload = GraphToWire.Model(graph).ToByteArray();
        return new Wire.ModelFile
        {
            Magic = Magic,
            Version = Version,
            NodeCount = (uint)graph.Nodes.Length,
            Payload = UnsafeByteOperations.UnsafeWrap(payload),
            Sha256 = UnsafeByteOperations.UnsafeWrap(SHA256.HashData(payload)),
        }.ToByteArray();
    }

    /// <summary>Reads and verifies a file.</summary>
    /// <exception cref="EbspException">The file cannot be read, is damaged, or holds a graph that is not well formed.</exception>
    public static Graph Read(string path) => Parse(FileBytes.Read(path), path);

    /// <summary>Reads and verifies the bytes of a file.</summary>
    /// <param name="data">All of the file.</param>
    /// <param name="file">Its name for the diagnostics.</param>
    /// <exception cref="EbspException">The bytes are damaged or hold a graph that is not well formed.</exception>
    public static Graph Parse(ReadOnlySpan<byte> data, string? file = null)
    {
        if (!HasMagic(data))
            throw DiagnosticDescriptors.NotAModel.Error(file, null, FileKind.NameForeign(data) ?? "something else");
        Refuse(WirePreScan.Check(data, Wire.ModelFile.Descriptor, file), file);
        Wire.ModelFile outer = Wire.ModelFile.Parser.ParseFrom(data);
        if (outer.Version != Version)
            throw Bad(file, $"format version {outer.Version}; this program reads version {Version}");
        ReadOnlySpan<byte> payload = outer.Payload.Span;
        if (outer.Sha256.Length != SHA256.HashSizeInBytes)
            throw Bad(file, $"the file is cut off: the checksum is missing");
        if (!SHA256.HashData(payload).AsSpan().SequenceEqual(outer.Sha256.Span))
            throw Bad(file, $"the checksum does not match the content");
        Refuse(WirePreScan.Check(payload, Wire.Model.Descriptor, file), file);
        Wire.Model model = Wire.Model.Parser.ParseFrom(payload);
        if (model.Nodes.Count != outer.NodeCount)
            throw Bad(file, $"{model.Nodes.Count} nodes where {outer.NodeCount} are announced");
        Graph graph = GraphFromWire.Graph(model, file);
        Verifier.Verify(graph, file);
        return graph;
    }

    internal static EbspException Bad(string? file, FormattableString text) =>
        DiagnosticDescriptors.BadGraphFile.Error(file, null, FormattableString.Invariant(text));

    // A field of a later version may change what the known ones mean.
    private static void Refuse(IReadOnlyCollection<string> unknownFields, string? file)
    {
        if (unknownFields.Count != 0)
            throw Bad(file, $"unknown fields {string.Join(", ", unknownFields.Take(8))}");
    }
}

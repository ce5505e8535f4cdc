using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>What became of a node.</summary>
public enum ImportStatus
{
    /// <summary>It maps.</summary>
    Mapped = 0,

    /// <summary>It does not map.</summary>
    Refused = 1,

    /// <summary>Its operator maps; its form was not looked at because a node before it does not map.</summary>
    NotReached = 2,

    /// <summary>The output does not depend on it.</summary>
    Unused = 3,
}

/// <summary>What became of one node.</summary>
/// <param name="Name">The node's name, or that of its output.</param>
/// <param name="Operator">ONNX operator.</param>
/// <param name="Status">Whether it maps.</param>
/// <param name="Text">The operation that it became, or why it does not map.</param>
public sealed record ImportedNode(string Name, string Operator, ImportStatus Status, string Text);

/// <summary>What maps of a model, what does not and why.</summary>
/// <param name="File">The file, or null.</param>
/// <param name="Opset">Version of ai.onnx; 0 if it is not known.</param>
/// <param name="Nodes">Every node in order; none if the file could not be read.</param>
/// <param name="Diagnostics">What an import would report; empty if it would succeed.</param>
/// <param name="Graph">The graph, or null if the import would fail.</param>
public sealed record ImportReport(
    string? File, int Opset, ImmutableArray<ImportedNode> Nodes, ImmutableArray<Diagnostic> Diagnostics, Graph? Graph)
{
    /// <summary>Files of weights beside the model that were read.</summary>
    public ImmutableArray<ExternalFile> ExternalFiles { get; init; } = [];

    /// <summary>Fields that the ONNX format is not known to have, as <c>Message.number</c>; they were stepped over.</summary>
    public ImmutableArray<string> UnknownFields { get; init; } = [];

    /// <summary>Whether an import succeeds.</summary>
    public bool IsSupported => Graph is not null;

    /// <summary>SHA-256 of the source: of the model, or of its SHA-256 followed by location and SHA-256 of each external file.</summary>
    /// <param name="model">SHA-256 of the model file, lower-case hexadecimal.</param>
    public string SourceSha256(string model)
    {
        if (ExternalFiles.IsEmpty)
            return model;
        IEnumerable<string> files = ExternalFiles.OrderBy(file => file.Location, StringComparer.Ordinal)
            .Select(file => $"{file.Location}\n{file.Sha256}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{model}\n{string.Concat(files)}")));
    }
}

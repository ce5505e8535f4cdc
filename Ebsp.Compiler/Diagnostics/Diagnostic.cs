namespace Ebsp.Compiler.Diagnostics;

/// <summary>Something a user can cause and mend.</summary>
/// <param name="Code">EBSPnnnn, see docs/diagnostics.md.</param>
/// <param name="File">The file it is about, or null.</param>
/// <param name="Node">The node, layer or section within it, or null.</param>
/// <param name="Cause">What is wrong, in one sentence.</param>
/// <param name="Fix">What to do, in one sentence.</param>
public sealed record Diagnostic(string Code, string? File, string? Node, string Cause, string Fix)
{
    /// <summary>Whether the work goes on: something is doubtful, and a result came of it.</summary>
    public bool IsWarning { get; init; }

    /// <summary><c>resnet.onnx: error EBSP1003: conv1: cause. Fix.</c></summary>
    public override string ToString() =>
        $"{(File is null ? "" : File + ": ")}{(IsWarning ? "warning" : "error")} {Code}: {(Node is null ? "" : Node + ": ")}{Cause} {Fix}";
}

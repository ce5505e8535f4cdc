using System.Globalization;

namespace Ebsp.Compiler.Diagnostics;

/// <summary>One code: its texts, from which diagnostics and docs/diagnostics.md are made.</summary>
/// <param name="Code">EBSPnnnn.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="Cause">One sentence; {0}, {1}, ... are filled in.</param>
/// <param name="Fix">What to do, in one sentence.</param>
/// <param name="Example">One message as a user sees it.</param>
public sealed record DiagnosticDescriptor(string Code, string Title, string Cause, string Fix, string Example)
{
    /// <summary><see cref="Cause"/> with [...] for what is filled in.</summary>
    public string Blank => Cause is "{0}." ? Shown
        : Enumerable.Range(0, 10).Aggregate(Cause, (text, i) => text.Replace($"{{{i}}}", "[...]", StringComparison.Ordinal));

    // Where all of the cause is filled in, that of the example stands for it.
    private string Shown => $"such as: {Example[(Example.IndexOf(Code, StringComparison.Ordinal) + Code.Length + 2)..].Replace(Fix, "",
        StringComparison.Ordinal).Trim()}";

    /// <summary>The diagnostic at a place.</summary>
    /// <param name="file">The file it is about, or null.</param>
    /// <param name="node">The node, layer or section, or null.</param>
    /// <param name="arguments">What fills in <see cref="Cause"/>, in invariant form.</param>
    public Diagnostic At(string? file, string? node, params object[] arguments) =>
        new(Code, file, node, arguments.Length == 0 ? Cause : string.Format(CultureInfo.InvariantCulture, Cause, arguments), Fix);

    /// <summary>The exception with this diagnostic alone.</summary>
    /// <inheritdoc cref="At"/>
    public EbspException Error(string? file, string? node, params object[] arguments) => new(At(file, node, arguments));
}

namespace Ebsp.Compiler.Diagnostics;

/// <summary>Ends an operation with one or more diagnostics: the only exception that compiler entry points let out for bad input.</summary>
public sealed class EbspException : Exception
{
    /// <summary>Ends the operation with these diagnostics.</summary>
    public EbspException(IReadOnlyList<Diagnostic> diagnostics)
        : base(string.Join(Environment.NewLine, diagnostics)) => Diagnostics = diagnostics;

    /// <summary>Ends the operation with one diagnostic.</summary>
    public EbspException(Diagnostic diagnostic)
        : this([diagnostic])
    {
    }

    /// <summary>What is wrong; at least one.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }
}

namespace Ebsp.Compiler.Import;

/// <summary>A node, or its form, has no counterpart in the graph of the compiler; the importer collects the reasons.</summary>
internal sealed class NotMappedException(string reason) : Exception(reason);

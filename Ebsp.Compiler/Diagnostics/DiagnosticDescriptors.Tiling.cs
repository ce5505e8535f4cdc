namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    /// <summary>The buffer is too small for a layer.</summary>
    public static readonly DiagnosticDescriptor NoTileFits = new("EBSP3001", "No tile fits the buffer",
        "{0}.",
        "Take a machine with a larger buffer, or a smaller batch.",
        "net.q.pb: error EBSP3001: conv5: no tile fits: one row of output needs 90112 bytes of staging and 65536 are free. Take a " +
            "machine with a larger buffer, or a smaller batch.");

    /// <summary>A node that no instruction can say.</summary>
    public static readonly DiagnosticDescriptor NoMachineForm = new("EBSP3002", "No form on the machine",
        "{0}.",
        "Change the network at this node.",
        "net.q.pb: error EBSP3002: slice2: it reads channels that do not start at a multiple of 8. Change the network at this node.");
}

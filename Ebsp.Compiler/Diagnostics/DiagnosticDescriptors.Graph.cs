namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    /// <summary>Shapes, types or array lengths that do not fit together.</summary>
    public static readonly DiagnosticDescriptor ShapeMismatch = new("EBSP2001", "Shapes do not fit",
        "{0}.",
        "Check the network: the shapes of the node's inputs must fit its attributes and weights.",
        "net.onnx: error EBSP2001: add1: an addition of 16x32x32 and 32x16x16. Check the network: the shapes of the node's inputs must " +
            "fit its attributes and weights.");

    /// <summary>A graph that is not well formed.</summary>
    public static readonly DiagnosticDescriptor GraphNotWellFormed = new("EBSP2002", "Graph not well formed",
        "{0}.",
        "Make the graph again from its source; if a pass made it, this is a bug to report.",
        "error EBSP2002: relu3: the tensor 'conv3' is read before it is made. Make the graph again from its source; if a pass made it, " +
            "this is a bug to report.");

    /// <summary>A number outside the range that the machine defines.</summary>
    public static readonly DiagnosticDescriptor OutOfRange = new("EBSP2003", "Number out of range",
        "{0}.",
        "Quantize the network again; numbers of a .pb are not to be edited by hand.",
        "error EBSP2003: conv1: weight 21 at index 57 is not a value of s6(3). Quantize the network again; numbers of a .pb are not to " +
            "be edited by hand.");
}

namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    /// <summary>A model file that cannot be opened or read.</summary>
    public static readonly DiagnosticDescriptor ModelUnreadable = new("EBSP1001", "Model file unreadable",
        "the file cannot be read: {0}.",
        "Check the path and the permissions.",
        "resnet.onnx: error EBSP1001: the file cannot be read: it does not exist. Check the path and the permissions.");

    /// <summary>A file of another kind, named where it is known.</summary>
    public static readonly DiagnosticDescriptor NotAModel = new("EBSP1002", "Not a model",
        "this is {0}, not an ONNX model or an EBSP .pb file.",
        "Export the network as ONNX (torch.onnx.export, tf2onnx) and import that.",
        "model.pt: error EBSP1002: this is a zip archive (a PyTorch checkpoint is one), not an ONNX model or an EBSP .pb file. Export " +
            "the network as ONNX (torch.onnx.export, tf2onnx) and import that.");

    /// <summary>Bytes that are no well-formed message of the format.</summary>
    public static readonly DiagnosticDescriptor MalformedMessage = new("EBSP1003", "Malformed protobuf message",
        "at byte {0}: {1}.",
        "The file is damaged, cut off or no model at all: export or download it again.",
        "net.onnx: error EBSP1003: at byte 4711: a length of 90 bytes leaves the enclosing message. The file is damaged, cut off or no " +
            "model at all: export or download it again.");

    /// <summary>A limit on the size of a model.</summary>
    public static readonly DiagnosticDescriptor ModelLimit = new("EBSP1004", "Model beyond a limit",
        "{0}.",
        "Export a smaller or simpler model; the limits are listed in docs/ir.md.",
        "net.onnx: error EBSP1004: more than 200000 nodes. Export a smaller or simpler model; the limits are listed in docs/ir.md.");

    /// <summary>An ONNX operator or a form of it that does not map.</summary>
    public static readonly DiagnosticDescriptor OperatorNotSupported = new("EBSP1005", "ONNX operator not supported",
        "{0} ({1} node(s), opset {2}): {3}; {4}.",
        "Replace the operator in the network, or cut the model before it; `ebspc check` lists what maps.",
        "net.onnx: error EBSP1005: up1, up2: Resize (2 node(s), opset 13): the operator is not supported; nothing near it is. Replace " +
            "the operator in the network, or cut the model before it; `ebspc check` lists what maps.");

    /// <summary>An operator set that is not known.</summary>
    public static readonly DiagnosticDescriptor OpsetNotSupported = new("EBSP1006", "Operator set not supported",
        "operator set {0}; versions {1} to {2} of ai.onnx are supported.",
        "Convert the model to a supported operator set (onnx.version_converter).",
        "net.onnx: error EBSP1006: operator set ai.onnx 5; versions 6 to 27 of ai.onnx are supported. Convert the model to a supported " +
            "operator set (onnx.version_converter).");

    /// <summary>A graph that contradicts itself.</summary>
    public static readonly DiagnosticDescriptor InvalidModel = new("EBSP1007", "Invalid model",
        "{0}.",
        "The model contradicts the ONNX specification: check it with onnx.checker and export it again.",
        "net.onnx: error EBSP1007: conv1: the input 'x' is made by no node before it. The model contradicts the ONNX specification: " +
            "check it with onnx.checker and export it again.");

    /// <summary>Weights in a file beside the model that cannot be had.</summary>
    public static readonly DiagnosticDescriptor ExternalData = new("EBSP1008", "External data",
        "{0}.",
        "Put the file of weights below the model's folder under its name, or save the model with its weights inside (onnx.save_model " +
            "with save_as_external_data=False).",
        "net.onnx: error EBSP1008: fc.weight: the file 'net.onnx.data' is not beside the model. Put the file of weights below the " +
            "model's folder under its name, or save the model with its weights inside (onnx.save_model with save_as_external_data=False).");

    /// <summary>Inputs, outputs or sizes that the graph of the compiler has no place for.</summary>
    public static readonly DiagnosticDescriptor ModelInterface = new("EBSP1009", "Inputs or outputs not supported",
        "{0}.",
        "The model needs one float32 input N x C x H x W with known C, H, W, and one output of class scores or a feature map.",
        "net.onnx: error EBSP1009: the model has 2 inputs: left, right. The model needs one float32 input N x C x H x W with known C, " +
            "H, W, and one output of class scores or a feature map.");

    /// <summary>A damaged or foreign .pb.</summary>
    public static readonly DiagnosticDescriptor BadGraphFile = new("EBSP1010", "Damaged .pb file",
        "{0}.",
        "Make the file again with `ebspc import` or `ebspc quantize` of this version.",
        "net.pb: error EBSP1010: the checksum does not match the content. Make the file again with `ebspc import` or `ebspc quantize` " +
            "of this version.");

    /// <summary>A file that cannot be written.</summary>
    public static readonly DiagnosticDescriptor OutputNotWritten = new("EBSP1011", "Output file not written",
        "the file cannot be written: {0}.",
        "Check the folder, its permissions and the free space.",
        "out/net.pb: error EBSP1011: the file cannot be written: No space left on device. Check the folder, its permissions and the " +
            "free space.");

    /// <summary>Preprocessing or labels that do not fit the model.</summary>
    public static readonly DiagnosticDescriptor BadPreprocessing = new("EBSP1012", "Preprocessing does not fit the model",
        "{0}.",
        "Give one value, or one for each input channel; the deviations must not be zero.",
        "net.onnx: error EBSP1012: 3 means for 1 input channel(s). Give one value, or one for each input channel; the deviations must " +
            "not be zero.");

    /// <summary>Class names that are not as many as the classes.</summary>
    public static readonly DiagnosticDescriptor BadClassNames = new("EBSP1013", "Class names do not fit the model",
        "{0} class names{1} for {2} classes.",
        "Give a name for each class; for networks with a background class at 0, its name may be left out; --label-offset (item metadata " +
            "LabelOffset) says which output the first name belongs to.",
        "net.onnx: error EBSP1013: 100 class names for 1000 classes. Give a name for each class; for networks with a background class " +
            "at 0, its name may be left out; --label-offset (item metadata LabelOffset) says which output the first name belongs to.");
}

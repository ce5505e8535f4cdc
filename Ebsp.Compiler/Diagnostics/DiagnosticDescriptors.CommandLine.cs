namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    /// <summary>A command line that cannot be understood.</summary>
    public static readonly DiagnosticDescriptor Usage = new("EBSP7101", "Usage error",
        "{0}.",
        "See `ebspc --help` or `ebspc VERB --help`.",
        "error EBSP7101: run: Unrecognized command or argument '--inptu'. See `ebspc --help` or `ebspc VERB --help`.");

    /// <summary>A file of one of our kinds where another is needed.</summary>
    public static readonly DiagnosticDescriptor WrongKind = new("EBSP7102", "Wrong kind of file",
        "this is {0}, and `ebspc {1}` takes {2}.",
        "Go through the steps in their order: import, quantize, compile, run.",
        "net.pb: error EBSP7102: this is a float .pb, and `ebspc disasm` takes an .ebsp program. Go through the steps in their order: " +
            "import, quantize, compile, run.");

    /// <summary>What the file system reports.</summary>
    public static readonly DiagnosticDescriptor FileSystem = new("EBSP7103", "File system error",
        "{0}.",
        "Check the path, the permissions and the free space.",
        "error EBSP7103: Access to the path 'out/x' is denied. Check the path, the permissions and the free space.");

    /// <summary>Images of another shape than the network's input.</summary>
    public static readonly DiagnosticDescriptor ImagesDoNotFit = new("EBSP7104", "Images do not fit the network",
        "images of {0} (C x H x W) for a network that reads {1}{2}.",
        "Give images of the network's size, or bring them to it with --resize and --crop; nothing is done unasked.",
        "val500.zip: error EBSP7104: images of 3x227x227 (C x H x W) for a network that reads 3x224x224; --crop 224 or --resize 224 " +
            "would do. Give images of the network's size, or bring them to it with --resize and --crop; nothing is done unasked.");

    /// <summary>Labels that are no classes of the network.</summary>
    public static readonly DiagnosticDescriptor LabelOutOfRange = new("EBSP7105", "Label beyond the classes",
        "image {0} has label {1}, and the network has {2} classes.",
        "Give the labels of this network, or move them with --label-offset.",
        "labels.csv: error EBSP7105: image 7 has label 1000, and the network has 1000 classes. Give the labels of this network, or move " +
            "them with --label-offset.");

    /// <summary>A machine description that is missing or wrong.</summary>
    public static readonly DiagnosticDescriptor BadMachine = new("EBSP7106", "Machine not usable",
        "{0}.",
        "Name a preset (default, default-4, area-6-4, area-8-4, small-16, small-8) or a JSON file as in docs/architecture.md.",
        "machine.json: error EBSP7106: field 'rows' must lie in 1..4096 PEs, not 0. Name a preset (default, default-4, area-6-4, " +
            "area-8-4, small-16, small-8) or a JSON file as in docs/architecture.md.");

    /// <summary>A code that no row has.</summary>
    public static readonly DiagnosticDescriptor UnknownCode = new("EBSP7107", "Unknown code",
        "there is no diagnostic {0}.",
        "Codes are EBSP and four digits; docs/diagnostics.md lists all.",
        "error EBSP7107: there is no diagnostic EBSP0000. Codes are EBSP and four digits; docs/diagnostics.md lists all.");

    /// <summary>A kernel that this host has not.</summary>
    public static readonly DiagnosticDescriptor KernelNotAvailable = new("EBSP7108", "Kernel not available",
        "this host cannot run the kernels '{0}'.",
        "Leave --kernel away for the best one, or take one that `ebspc doctor` lists.",
        "error EBSP7108: this host cannot run the kernels 'avxvnni'. Leave --kernel away for the best one, or take one that `ebspc " +
            "doctor` lists.");

    /// <summary>A tensor that the network does not store.</summary>
    public static readonly DiagnosticDescriptor UnknownTensor = new("EBSP7109", "Unknown tensor",
        "no tensor is called '{0}'; there are {1}.",
        "Take a name from the list; `ebspc inspect` prints it too.",
        "net.q.pb: error EBSP7109: no tensor is called 'conv9'; there are input, conv1, fc. Take a name from the list; `ebspc inspect` " +
            "prints it too.");

    /// <summary>Two executors that do not agree.</summary>
    public static readonly DiagnosticDescriptor Mismatch = new("EBSP7110", "Executors do not agree",
        "{0}.",
        "This is a bug, or the file was changed: please report it with the model.",
        "net.ebsp: error EBSP7110: conv1: image 0, tile 3, instruction 17, element (0, 4, 5, 2): machine 12, reference 13. This is a " +
            "bug, or the file was changed: please report it with the model.");

    /// <summary>A listing that does not assemble.</summary>
    public static readonly DiagnosticDescriptor BadListing = new("EBSP7111", "Listing does not assemble",
        "{0}.",
        "Mend the line; `ebspc disasm` shows the form, docs/isa.md every field.",
        "net.s: error EBSP7111: line 4: no instruction is called 'lod'. Mend the line; `ebspc disasm` shows the form, docs/isa.md every " +
            "field.");

    /// <summary>The memory that the process may have is used up.</summary>
    public static readonly DiagnosticDescriptor OutOfMemory = new("EBSP7112", "Out of memory",
        "the memory of this process is used up.",
        "Read fewer images with --count, use fewer --threads or a smaller --batch.",
        "net.ebsp: error EBSP7112: the memory of this process is used up. Read fewer images with --count, use fewer --threads or a " +
            "smaller --batch.");

    /// <summary>A file of calls that is not of the form.</summary>
    public static readonly DiagnosticDescriptor BadRequest = new("EBSP7113", "Batch request refused",
        "{0}.",
        "Write the request as docs/cli.md has it; a build that wrote this file itself is of another version than its ebspc.",
        "request.json: error EBSP7113: calls[3].id: another call has the same id. Write the request as docs/cli.md has it; a build that " +
            "wrote this file itself is of another version than its ebspc.");

    /// <summary>A float network without images to calibrate on.</summary>
    public static readonly DiagnosticDescriptor NoCalibration = new("EBSP7114", "Calibration images missing",
        "this network has float values, and to make integers of them takes images of {0} (C x H x W) like those it will see.",
        "Name some hundred with --calibration (item metadata Calibration), or compile a .pb that `ebspc quantize` made.",
        "net.onnx: error EBSP7114: this network has float values, and to make integers of them takes images of 3x224x224 (C x H x W) " +
            "like those it will see. Name some hundred with --calibration (item metadata Calibration), or compile a .pb that `ebspc " +
            "quantize` made.");

    /// <summary>A layer that the program has not.</summary>
    public static readonly DiagnosticDescriptor UnknownLayer = new("EBSP7120", "Unknown layer",
        "there is no layer '{0}'; the nearest name is '{1}'.",
        "`ebspc explain MODEL` lists the layers.",
        "net.ebsp: error EBSP7120: there is no layer 'conv2'; the nearest name is 'conv_2'. `ebspc explain MODEL` lists the layers.");

    /// <summary>An exception that nobody foresaw.</summary>
    public static readonly DiagnosticDescriptor InternalError = new("EBSP9002", "Unforeseen failure",
        "{0}.",
        "This is a bug in ebspc: please report it with that file, which holds no weights and no images.",
        "error EBSP9002: InvalidOperationException; the report is in /tmp/ebspc-report-1.txt. This is a bug in ebspc: please report it " +
            "with that file, which holds no weights and no images.");
}

namespace Ebsp.Build;

/// <summary>
/// The codes of the build: EBSP60xx of the task, EBSP61xx of the generator. This file is compiled into the task, the generator and the
/// compiler, whose table (docs/diagnostics.md, <c>ebspc explain</c>) takes the rows over.
/// </summary>
internal static class BuildDiagnostics
{
    /// <summary>An item without its file.</summary>
    public static readonly BuildDiagnostic ModelMissing = new("EBSP6001", "Model file missing",
        "the item EbspModel names '{0}', and there is no such file{1}.",
        "Mend the path in the project file; it is relative to the project's folder.",
        "digts.onnx : error EBSP6001: the item EbspModel names 'digts.onnx', and there is no such file; the nearest name is " +
            "'digits.onnx'. Mend the path in the project file; it is relative to the project's folder.");

    /// <summary>Metadata that names a file which is not there.</summary>
    public static readonly BuildDiagnostic FileMissing = new("EBSP6002", "File of the metadata missing",
        "the metadata {0} names '{1}', and there is no such file{2}.",
        "Mend the path in the project file; it is relative to the project's folder.",
        "digits.onnx : error EBSP6002: the metadata Calibration names 'calib.csv', and there is no such file; the nearest name is " +
            "'calib.csv.gz'. Mend the path in the project file; it is relative to the project's folder.");

    /// <summary>A value that is not one of the legal ones.</summary>
    public static readonly BuildDiagnostic BadMetadata = new("EBSP6003", "Metadata value not legal",
        "the metadata {0} is '{1}', and legal are: {2}.",
        "Mend the value in the project file; docs/build.md lists all metadata.",
        "digits.onnx : error EBSP6003: the metadata Optimize is 'speed', and legal are: cycles, size. Mend the value in the project " +
            "file; docs/build.md lists all metadata.");

    /// <summary>Metadata whose name is nearly one of ours.</summary>
    public static readonly BuildDiagnostic UnknownMetadata = new("EBSP6004", "Metadata not known",
        "the metadata {0} is not known, and does nothing; the nearest name is {1}.",
        "Mend the name in the project file; docs/build.md lists all metadata.",
        "digits.onnx : warning EBSP6004: the metadata Calibraton is not known, and does nothing; the nearest name is Calibration. Mend " +
            "the name in the project file; docs/build.md lists all metadata.");

    /// <summary>A namespace or class that C# would not take.</summary>
    public static readonly BuildDiagnostic BadName = new("EBSP6005", "Name not usable in C#",
        "the metadata {0} is '{1}', which is no {2} of C#.",
        "Use letters, digits and underscores, no digit first, and no keyword.",
        "digits.onnx : error EBSP6005: the metadata ClassName is 'class', which is no class name of C#. Use letters, digits and " +
            "underscores, no digit first, and no keyword.");

    /// <summary>One class for two models.</summary>
    public static readonly BuildDiagnostic SameClass = new("EBSP6006", "One class for two models",
        "'{0}' and '{1}' both become the class {2}.",
        "Give one of the items the metadata ClassName or Namespace.",
        "b/net.onnx : error EBSP6006: 'a/net.onnx' and 'b/net.onnx' both become the class App.NetModel. Give one of the items the " +
            "metadata ClassName or Namespace.");

    /// <summary>An SDK that cannot start the compiler.</summary>
    public static readonly BuildDiagnostic SdkTooOld = new("EBSP6007", "SDK too old",
        "this is a .NET SDK {0}, and the model compiler runs on .NET 10.0 or later.",
        "Install the .NET SDK 10.0 (https://dot.net) and, if there is a global.json, let it take that one; the project may go on " +
            "targeting net8.0.",
        "error EBSP6007: this is a .NET SDK 9.0, and the model compiler runs on .NET 10.0 or later. Install the .NET SDK 10.0 " +
            "(https://dot.net) and, if there is a global.json, let it take that one; the project may go on targeting net8.0.");

    /// <summary>A framework that the run-time libraries are not for.</summary>
    public static readonly BuildDiagnostic FrameworkNotSupported = new("EBSP6008", "Framework not supported",
        "the project targets {0}, and compiled models run on .NET 8.0 or later.",
        "Target net8.0, net9.0 or net10.0.",
        "error EBSP6008: the project targets .NETFramework 4.7.2, and compiled models run on .NET 8.0 or later. Target net8.0, net9.0 " +
            "or net10.0.");

    /// <summary>A language that has no generators.</summary>
    public static readonly BuildDiagnostic LanguageNotSupported = new("EBSP6009", "Language not supported",
        "this is a project in {0}, and the class of a model is made in C#.",
        "Put the item into a C# library and reference that from here.",
        "error EBSP6009: this is a project in F#, and the class of a model is made in C#. Put the item into a C# library and reference " +
            "that from here.");

    /// <summary>Items in a project that the generator does not see.</summary>
    public static readonly BuildDiagnostic GeneratorMissing = new("EBSP6010", "Generator missing",
        "the source generator Ebsp.SourceGen is not among the project's analyzers, so that no model would become a class.",
        "Let the reference to Ebsp.Build take analyzers: no ExcludeAssets, no IncludeAssets or PrivateAssets without them, no target " +
            "that removes them.",
        "error EBSP6010: the source generator Ebsp.SourceGen is not among the project's analyzers, so that no model would become a " +
            "class. Let the reference to Ebsp.Build take analyzers: no ExcludeAssets, no IncludeAssets or PrivateAssets without them, " +
            "no target that removes them.");

    /// <summary>A library package that would not bring its models.</summary>
    public static readonly BuildDiagnostic PackedFile = new("EBSP6011", "File strategy in a package",
        "a package of this project would not bring the model to those who use it, because its LoadStrategy is File.",
        "Set LoadStrategy to Embedded in a project that is packed.",
        "digits.onnx : error EBSP6011: a package of this project would not bring the model to those who use it, because its " +
            "LoadStrategy is File. Set LoadStrategy to Embedded in a project that is packed.");

    /// <summary>A path that no command line can hold.</summary>
    public static readonly BuildDiagnostic PathNotUsable = new("EBSP6012", "Path not usable",
        "the path '{0}' holds a quotation mark or a control character.",
        "Rename the file or folder.",
        "error EBSP6012: the path '/src/a\"b/obj/ebsp' holds a quotation mark or a control character. Rename the file or folder.");

    /// <summary>A model that is too much for a resource.</summary>
    public static readonly BuildDiagnostic TooLargeToEmbed = new("EBSP6013", "Model too large to embed",
        "the compiled model has {0} bytes, and at most {1} can be embedded.",
        "Set LoadStrategy to File.",
        "huge.onnx : error EBSP6013: the compiled model has 1,500,000,000 bytes, and at most 1,073,741,824 can be embedded. Set " +
            "LoadStrategy to File.");

    /// <summary>A compiler that ended without saying why.</summary>
    public static readonly BuildDiagnostic CompilerFailed = new("EBSP6014", "Model compiler failed",
        "ebspc ended with exit code {0} and no diagnostic{1}.",
        "Build with -v:detailed to see its command, and report this with the model if it comes again.",
        "net.onnx : error EBSP6014: ebspc ended with exit code 137 and no diagnostic. Build with -v:detailed to see its command, and " +
            "report this with the model if it comes again.");

    /// <summary>Output that is no answer of the compiler.</summary>
    public static readonly BuildDiagnostic OutputNotUnderstood = new("EBSP6015", "Model compiler not understood",
        "ebspc printed what is no answer to this build: {0}.",
        "Use ebspc and build task of one version of the package; unset EbspcPath if it is set.",
        "error EBSP6015: ebspc printed what is no answer to this build: 'hello'. Use ebspc and build task of one version of the " +
            "package; unset EbspcPath if it is set.");

    /// <summary>A compiler that is not there.</summary>
    public static readonly BuildDiagnostic CompilerMissing = new("EBSP6016", "Model compiler missing",
        "there is no model compiler at '{0}'.",
        "Restore the package Ebsp.Build again, or unset EbspcPath if it is set.",
        "error EBSP6016: there is no model compiler at '/packages/ebsp.build/0.1.0/tools/ebspc/ebspc.dll'. Restore the package " +
            "Ebsp.Build again, or unset EbspcPath if it is set.");

    /// <summary>A file that changed under the compiler's hands.</summary>
    public static readonly BuildDiagnostic InputChanged = new("EBSP6017", "Input changed during the build",
        "'{0}' changed while it was compiled.",
        "Build again.",
        "net.onnx : error EBSP6017: 'net.onnx' changed while it was compiled. Build again.");

    /// <summary>A store that cannot be used.</summary>
    public static readonly BuildDiagnostic StoreNotUsable = new("EBSP6018", "Store of compiled models not usable",
        "the store '{0}' cannot be used: {1}; models are compiled without it.",
        "Make the folder writable, or delete what stands in its place.",
        "warning EBSP6018: the store 'obj/ebsp' cannot be used: it is a file; models are compiled without it. Make the folder writable, " +
            "or delete what stands in its place.");

    /// <summary>An output that cannot be written.</summary>
    public static readonly BuildDiagnostic OutputNotWritten = new("EBSP6019", "Output of the build not written",
        "{0}.",
        "Check the path, the permissions and the free space.",
        "error EBSP6019: Access to the path 'obj/Debug/net10.0/ebsp' is denied. Check the path, the permissions and the free space.");

    /// <summary>An exception that nobody foresaw.</summary>
    public static readonly BuildDiagnostic Unforeseen = new("EBSP6099", "Unforeseen failure of the build task",
        "{0}.",
        "This is a bug in Ebsp.Build: please report it with the project file.",
        "error EBSP6099: InvalidOperationException: ... This is a bug in Ebsp.Build: please report it with the project file.");

    /// <summary>No manifest, or a damaged one.</summary>
    public static readonly BuildDiagnostic ManifestDamaged = new("EBSP6101", "Manifest of a model damaged",
        "the manifest of a model is not as the build writes it: {0}.",
        "Delete the obj folder and build again.",
        "digits.01234567.ebspmodel.json(1,2): error EBSP6101: the manifest of a model is not as the build writes it: a colon is " +
            "missing. Delete the obj folder and build again.");

    /// <summary>A manifest of another version.</summary>
    public static readonly BuildDiagnostic ManifestVersion = new("EBSP6102", "Manifest of another version",
        "the manifest of a model has version {0}, and this generator reads 1.",
        "Refer to one version of Ebsp.Build, delete the obj folder and build again.",
        "digits.01234567.ebspmodel.json(1,14): error EBSP6102: the manifest of a model has version 2, and this generator reads 1. Refer " +
            "to one version of Ebsp.Build, delete the obj folder and build again.");

    /// <summary>A class or namespace that generated code cannot bear.</summary>
    public static readonly BuildDiagnostic NameRefused = new("EBSP6103", "Name of a class or namespace not usable",
        "{0}.",
        "Set ClassName or Namespace of the EbspModel item to another C# identifier.",
        "digits.01234567.ebspmodel.json(1,66): error EBSP6103: digits.onnx: the class's name 'Load' is the name of one of the class's " +
            "own members. Set ClassName or Namespace of the EbspModel item to another C# identifier.");

    /// <summary>A name beyond what an assembly or a generated file holds.</summary>
    public static readonly BuildDiagnostic NameTooLong = new("EBSP6104", "Name too long",
        "{0}.",
        "Shorten the name.",
        "digits.01234567.ebspmodel.json(1,66): error EBSP6104: digits.onnx: the class's name has 600 bytes in UTF-8; 511 are taken. " +
            "Shorten the name.");

    /// <summary>One name for the classes, or a class and a namespace, of two models.</summary>
    public static readonly BuildDiagnostic NameClash = new("EBSP6105", "One name for two models",
        "{0}.",
        "Give one of the EbspModel items another ClassName or Namespace.",
        "a.01234567.ebspmodel.json(1,1): error EBSP6105: 'App.NetModel' is the class of 'net.onnx' and a namespace of the class of " +
            "'b.onnx'. Give one of the EbspModel items another ClassName or Namespace.");

    /// <summary>All rows.</summary>
    public static IReadOnlyList<BuildDiagnostic> All { get; } =
    [
        ModelMissing, FileMissing, BadMetadata, UnknownMetadata, BadName, SameClass, SdkTooOld, FrameworkNotSupported, LanguageNotSupported,
        GeneratorMissing, PackedFile, PathNotUsable, TooLargeToEmbed, CompilerFailed, OutputNotUnderstood, CompilerMissing, InputChanged,
        StoreNotUsable, OutputNotWritten, Unforeseen,
        ManifestDamaged, ManifestVersion, NameRefused, NameTooLong, NameClash,
    ];
}

using System.Text.RegularExpressions;

namespace Ebsp.Build.Tasks;

/// <summary>What the value of a metadata is.</summary>
internal enum MetadataKind
{
    /// <summary>Words that go to the compiler as they are.</summary>
    Text,

    /// <summary>A file of the project, or a folder.</summary>
    Path,

    /// <summary>A file of the project, or a word that the compiler knows.</summary>
    PathOrWord,

    /// <summary>For the build alone: the compiler does not see it.</summary>
    Own,
}

/// <summary>
/// One metadata of an EbspModel item. This table is the only definition: arguments of the compiler, checks and the table in docs/build.md
/// come from it, and a test holds the defaults of Ebsp.Build.props to it.
/// </summary>
/// <param name="Name">Its name; the property of the whole project is Ebsp + Name.</param>
/// <param name="Option">The compiler's option, or null.</param>
/// <param name="Kind">What the value is.</param>
/// <param name="Default">What holds without it, for people.</param>
/// <param name="Legal">Its legal values, for people.</param>
/// <param name="Pattern">Regular expression of a legal value; what it lets pass the compiler still checks.</param>
/// <param name="Meaning">What it does, for people.</param>
internal sealed record Metadata(string Name, string? Option, MetadataKind Kind, string Default, string Legal, string Pattern,
    string Meaning)
{
    private const string Format = "[1-8](:[1-4]r?)?(x2)?";
    private const string Number = "[^,]+";
    private const string Sides = "[1-9][0-9]{0,4}(x[1-9][0-9]{0,4})?";
    private const string Count = "0*[1-9][0-9]{0,8}";

    /// <summary>All metadata in the order of the page.</summary>
    public static IReadOnlyList<Metadata> All { get; } =
    [
        new("Arch", "--arch", MetadataKind.PathOrWord, "default", "a preset of `--arch`, or a JSON file of the project", ".+",
            "The machine that the model is compiled for."),
        new("Weights", "--weights", MetadataKind.Text, "6:3", "B:k", Format, "Format of the weights: bits and pattern length."),
        new("Activations", "--activations", MetadataKind.Text, "6:3", "B:k, B:kx2", Format,
            "Format of the tensors that are multiplied; x2 has two terms."),
        new("First", "--first", MetadataKind.Text, "8 bits, k of Weights", "B:k", Format,
            "Format of the input and of the first layer's weights."),
        new("Last", "--last", MetadataKind.Text, "8 bits, k of Weights", "B:k", Format, "Format of the last layer's operands."),
        new("InputTerms", "--input-terms", MetadataKind.Text, "2", "1, 2", "1|2", "Pattern terms of the input."),
        new("Calibration", "--calibration", MetadataKind.Path, "none", "a file or folder of images (docs/data.md)", ".+",
            "Images to calibrate a float model on; without them a float model is an error."),
        new("CalibrationCount", "--count", MetadataKind.Text, "512", "1 and up", Count, "Calibration takes the first so many images."),
        new("Mean", "--mean", MetadataKind.Text, "0", "a number, or one a channel: R,G,B", $"{Number}(,{Number})*",
            "Mean of each channel, after Scale."),
        new("Std", "--std", MetadataKind.Text, "1", "a number, or one a channel: R,G,B", $"{Number}(,{Number})*",
            "Standard deviation of each channel, after Scale."),
        new("Scale", "--scale", MetadataKind.Text, "1", "a number or a fraction, such as 1/255", Number, "Factor of raw pixels."),
        new("Size", "--size", MetadataKind.Text, "that of the model", "N, HxW", Sides,
            "Rows and columns of an input that leaves them open."),
        new("Resize", "--resize", MetadataKind.Text, "none", "N, HxW", Sides,
            "Scales calibration images: the shorter side to N, or to rows x columns."),
        new("Crop", "--crop", MetadataKind.Text, "none", "N, HxW", Sides, "Keeps the center of calibration images, after Resize."),
        new("ChannelOrder", "--channel-order", MetadataKind.Text, "rgb", "rgb, bgr", "rgb|bgr", "Order of channels that the model wants."),
        new("Classes", "--classes", MetadataKind.Path, "those in the model", "a file: a name a line, or class, tab, name", ".+",
            "Names of the classes."),
        new("LabelOffset", "--label-offset", MetadataKind.Text, "0", "0 and up", "[0-9]{1,9}",
            "Class name i belongs to output i + LabelOffset, such as 1 for 1,001 classes."),
        new("MinAgreement", "--min-agreement", MetadataKind.Text, "none", "0 to 1", "(0|1|[01]?[.][0-9]+)",
            "Least share of the calibration images on which the integers must answer as the float network; fewer are an error."),
        new("Batch", "--batch", MetadataKind.Text, "1", "1 to 4095", "0*([1-9][0-9]{0,2}|[1-3][0-9]{3}|40[0-8][0-9]|409[0-5])",
            "Images of a run of the machine."),
        new("Optimize", "--optimize", MetadataKind.Text, "cycles", "cycles, size", "cycles|size", "What the program has the least of."),
        new("Report", null, MetadataKind.Own, "summary", "none, summary, layers", "none|summary|layers",
            "What a compilation tells: nothing, a line, or also a CSV table of layers (docs/layers.md) among the outputs."),
        new("Namespace", null, MetadataKind.Own, "RootNamespace, made an identifier", "a namespace of C#", ".+", "Namespace of the class."),
        new("ClassName", null, MetadataKind.Own, "file name in PascalCase + Model", "an identifier of C#", ".+",
            "Name of the class; an item alone has it, no property."),
        new("Access", null, MetadataKind.Own, "internal", "internal, public", "internal|public", "Who sees the class."),
        new("LoadStrategy", null, MetadataKind.Own, "Embedded", "Embedded, File", "embedded|file",
            "Where the model is at run time: a resource of the assembly, or a file `ebsp/CLASS.HASH.ebsp` beside the app."),
    ];

    /// <summary>The property that gives every item of a project this value, or null.</summary>
    public string? Property => Name == "ClassName" ? null : "Ebsp" + Name;

    /// <summary>Whether a value can be legal; as elsewhere in MSBuild, the case of words does not count.</summary>
    public bool Allows(string value) => Regex.IsMatch(value, $"^(?:{Pattern})\\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    /// <summary>A value as the compiler and the generator write it: words in lower case.</summary>
    public string Canonical(string value) => Kind is MetadataKind.Text or MetadataKind.Own && Name is not ("Namespace" or "ClassName")
        ? value.ToLowerInvariant() : value;

    /// <summary>A text of the compiler in the words of a project file: <c>--scale 1/255</c> becomes <c>Scale="1/255"</c>, and an option
    /// without a value its metadata's name.</summary>
    public static string InPlaceOfOptions(string text) => Regex.Replace(text, "(--[a-z][a-z-]*)(?: (?=[^ ]*[0-9:])([^ ;()]*[^ ;(),.]))?",
        match => All.FirstOrDefault(row => row.Option == match.Groups[1].Value) is not { } row ? match.Value
            : match.Groups[2].Success ? $"{row.Name}=\"{match.Groups[2].Value}\"" : row.Name);
}

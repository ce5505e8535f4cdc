using System.CommandLine;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Cli.Arguments;

/// <summary>Options that say which images to read.</summary>
internal sealed class DataArguments
{
    private readonly Option<string?> _data;
    private readonly Option<string?>? _labels;
    private readonly Option<int>? _offset;
    private readonly Option<int?> _count;
    private readonly Option<string?> _size;
    private readonly Option<string?> _resize =
        new("--resize") { Description = "Scale raw pixels: the shorter side to N, or to rows x columns.", HelpName = "N|HxW" };
    private readonly Option<string?> _crop =
        new("--crop") { Description = "Keep the center of raw pixels, after --resize.", HelpName = "N|HxW" };

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="name">Name of the option with the file.</param>
    /// <param name="description">What the images are for.</param>
    /// <param name="labels">Whether labels can be given.</param>
    /// <param name="defaultCount">Images that are read at most if --count is not there; null for all.</param>
    public DataArguments(Verb verb, string name, string description, bool labels, int? defaultCount = null)
    {
        _data = new Option<string?>(name) { Description = description, HelpName = "DATA" };
        _count = new Option<int?>("--count")
        {
            Description = defaultCount is null ? "Read the first N images (default: all)." : "Read the first N images.",
            HelpName = "N",
        };
        if (defaultCount is not null)
            _count.DefaultValueFactory = _ => defaultCount;
        verb.Options.Add(_data);
        if (labels)
        {
            verb.Options.Add(_labels =
                new Option<string?>("--labels") { Description = "File of labels, where they do not come with the images.",
                HelpName = "DATA" });
            verb.Options.Add(_offset =
                new Option<int>("--label-offset") { Description = "Added to every label, such as 1 for 1,001 classes.", HelpName = "N" });
        }

        verb.Options.Add(_count);
        _size = ImportArguments.SizeOf(verb);
        verb.Options.Add(_resize);
        verb.Options.Add(_crop);
    }

    /// <summary>The file, or null.</summary>
    public string? Path(Call call) => call.Get(_data);

    /// <summary>Largest number of images, or null for all.</summary>
    public int? Count(Call call) => call.Get(_count);

    /// <summary>The size that is asked for, as part of a program's provenance; empty where nothing is said.</summary>
    public string DescribeSize(Call call) =>
        $"{(call.Get(_resize) is { } resize ? $" resize={resize}" : "")}{(call.Get(_crop) is { } crop ? $" crop={crop}" : "")}";

    /// <summary>Reads the images, or null where the option is not there.</summary>
    /// <param name="call">Notes the files.</param>
    /// <param name="input">Shape of the network's input.</param>
    /// <exception cref="EbspException">The images cannot be read, or do not fit.</exception>
    /// <param name="channelsLast">Whether the network itself reads N x H x W x C.</param>
    public ImageSet? Read(Call call, Shape input, bool channelsLast = false)
    {
        if (call.Get(_data) is not { } path)
            return null;
        string? labels = _labels is null ? null : call.Get(_labels);
        ImageSet images = DataReader.Read(path, new DataOptions
        {
            Count = call.Get(_count),
            LabelsPath = labels,
            FindLabels = _labels is not null,
            LabelOffset = _offset is null ? 0 : call.Get(_offset),
            Size = Sides(call, _size, "32x32") is { } size ? (size.Height, size.Width ?? size.Height) : null,
            Input = input,
            ChannelsLast = channelsLast,
            Channels = input.Channels is 1 or 3 ? input.Channels : null,
            Resize = Sides(call, _resize, "256 or 240x320 (rows x columns)"),
            Crop = Sides(call, _crop, "224 or 224x320 (rows x columns)"),
        });
        if (images.Files is { } files)
            call.Record(path, files);
        else
            call.Record(path);
        if (labels is not null)
            call.Record(labels);
        Require(images, input, path);
        return images;
    }

    /// <summary>Reads the images.</summary>
    /// <exception cref="EbspException">The option is not there, or the images cannot be read, or do not fit.</exception>
    public ImageSet Require(Call call, Shape input, bool channelsLast = false) =>
        Read(call, input, channelsLast) ?? throw DiagnosticDescriptors.Usage.Error(null, call.Arguments.CommandResult.Command.Name,
            $"Option '{_data.Name}' is required");

    private static void Require(ImageSet images, Shape input, string file)
    {
        if (images.Shape != input)
            throw DiagnosticDescriptors.ImagesDoNotFit.Error(file, null, images.Shape, input, Advice(images, input));
        int bad = images.Values is { } values ? Array.FindIndex(values, float.IsNaN) : -1;
        if (bad >= 0)
            throw new EbspException(
                new Diagnostic(DataDiagnostics.BadValue, file, string.Create(CultureInfo.InvariantCulture,
                    $"image {bad / input.Elements}, value {bad % input.Elements} of {input.Elements}"),
                    "It is not a number.", "Preprocess the images again."));
    }

    /// <summary>What would make images fit, or nothing.</summary>
    private static string Advice(ImageSet images, Shape input)
    {
        if (images.Values is not null || images.Channels != input.Channels)
            return "";
        bool isSquare = input.Height == input.Width;
        string size = isSquare ? $"{input.Height}" : $"{input.Height}x{input.Width}";
        string resize = $"--resize {size}{(isSquare && images.Height != images.Width ? $" --crop {size}" : "")}";
        return images.Height >= input.Height && images.Width >= input.Width
            ? $"; --crop {size} or {resize} would do"
            : $"; {resize} would do";
    }

    private static ImageSize? Sides(Call call, Option<string?> option, string form) => call.Get(option) is { } text
        ? ImageSize.Parse(text) ?? throw DiagnosticDescriptors.Usage.Error(null, null, $"{option.Name} '{text}' is not of the form {form}")
        : null;
}

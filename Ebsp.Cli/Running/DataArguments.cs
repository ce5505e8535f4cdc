using System.CommandLine;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Cli.Running;

/// <summary>Options that say which images to read.</summary>
internal sealed class DataArguments
{
    private readonly Option<string?> _data;
    private readonly Option<string?>? _labels;
    private readonly Option<int>? _offset;
    private readonly Option<int?> _count;
    private readonly Option<string?> _size = new("--size") { Description = "Rows and columns of .med.br images without labels.", HelpName = "HxW" };

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
            verb.Options.Add(_labels = new Option<string?>("--labels") { Description = "File of labels, where they do not come with the images.", HelpName = "DATA" });
            verb.Options.Add(_offset = new Option<int>("--label-offset") { Description = "Added to every label, such as 1 for 1,001 classes.", HelpName = "N" });
        }

        verb.Options.Add(_count);
        verb.Options.Add(_size);
    }

    /// <summary>The file, or null.</summary>
    public string? Path(Call call) => call.Get(_data);

    /// <summary>Largest number of images, or null for all.</summary>
    public int? Count(Call call) => call.Get(_count);

    /// <summary>Reads the images, or null where the option is not there.</summary>
    /// <param name="call">Notes the files.</param>
    /// <param name="input">Shape of the network's input.</param>
    /// <exception cref="EbspException">The images cannot be read, or do not fit.</exception>
    public ImageSet? Read(Call call, Shape input)
    {
        if (call.Get(_data) is not { } path)
            return null;
        string? labels = _labels is null ? null : call.Get(_labels);
        ImageSet images = DataReader.Read(path, new DataOptions
        {
            Count = call.Get(_count),
            LabelsPath = labels,
            LabelOffset = _offset is null ? 0 : call.Get(_offset),
            Size = call.Get(_size) is { } size ? ParseSize(size) : null,
        });
        call.Record(path);
        if (labels is not null)
            call.Record(labels);
        Require(images, input, path);
        return images;
    }

    /// <summary>Reads the images.</summary>
    /// <exception cref="EbspException">The option is not there, or the images cannot be read, or do not fit.</exception>
    public ImageSet Require(Call call, Shape input) =>
        Read(call, input) ?? throw DiagnosticDescriptors.Usage.Error(null, call.Arguments.CommandResult.Command.Name, $"Option '{_data.Name}' is required");

    private static void Require(ImageSet images, Shape input, string file)
    {
        if (images.Shape != input)
            throw DiagnosticDescriptors.ImagesDoNotFit.Error(file, null, images.Shape, input);
        int bad = images.Values is { } values ? Array.FindIndex(values, float.IsNaN) : -1;
        if (bad >= 0)
            throw new EbspException(new Diagnostic(DataDiagnostics.BadValue, file, string.Create(CultureInfo.InvariantCulture, $"image {bad / input.Elements}"),
                "A value is not a number.", "Preprocess the images again."));
    }

    private static (int Height, int Width) ParseSize(string text)
    {
        string[] sides = text.Split('x');
        return sides.Length == 2 && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            ? (height, width)
            : throw DiagnosticDescriptors.Usage.Error(null, null, $"--size '{text}' is not of the form 32x32");
    }
}

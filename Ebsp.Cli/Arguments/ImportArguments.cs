using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;

namespace Ebsp.Cli.Arguments;

/// <summary>Options that say how raw pixels become the network's input, and what its classes are called.</summary>
internal sealed class ImportArguments
{
    private readonly Option<string?> _mean = new("--mean") { Description = "Mean of each channel, after --scale.", HelpName = "R,G,B" };
    private readonly Option<string?> _std =
        new("--std") { Description = "Standard deviation of each channel, after --scale.", HelpName = "R,G,B" };
    private readonly Option<string?> _scale = new("--scale") { Description = "Factor of raw pixels, such as 1/255.", HelpName = "X" };
    private readonly Option<string?> _order =
        new Option<string?>("--channel-order") { Description = "Order of channels that the network wants." }.AcceptOnlyFromAmong("rgb",
        "bgr");
    private readonly Option<string?> _classes =
        new("--classes") { Description = "File of class names: one a line, or class, tab, name.", HelpName = "FILE" };

    private readonly Option<string?> _size;
    private readonly Option<int>? _offset;

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="labelOffset">Whether the output of the first name can be said; <c>run</c> has an option of that name for its
    /// labels.</param>
    public ImportArguments(Verb verb, bool labelOffset = true)
    {
        verb.Options.Add(_mean);
        verb.Options.Add(_std);
        verb.Options.Add(_scale);
        verb.Options.Add(_order);
        verb.Options.Add(_classes);
        _size = SizeOf(verb);
        if (labelOffset)
            verb.Options.Add(_offset =
                new Option<int>("--label-offset") { Description =
                "Output that the first class name belongs to, such as 1 for 1,001 classes; those before it are named '-'.",
                HelpName = "N" });
    }

    /// <summary>What the options say.</summary>
    public ImportOptions Read(Call call)
    {
        string? mean = call.Get(_mean), std = call.Get(_std), scale = call.Get(_scale), order = call.Get(_order);
        Preprocessing? preprocessing = mean is null && std is null && scale is null && order is null
            ? null
            : new Preprocessing(
                scale is null ? 1 : Fraction.Parse("--scale", scale),
                mean is null ? [0] : Numbers("--mean", mean),
                std is null ? [1] : Numbers("--std", std),
                ReverseChannels: order == "bgr");
        int offset = _offset is null ? 0 : call.Get(_offset);
        if (offset < 0)
            throw DiagnosticDescriptors.Usage.Error(null, call.Arguments.CommandResult.Command.Name,
                string.Create(CultureInfo.InvariantCulture, $"--label-offset {offset} is less than 0"));
        if (offset > 0 && call.Get(_classes) is null)
            throw DiagnosticDescriptors.Usage.Error(null, call.Arguments.CommandResult.Command.Name,
                "--label-offset places the names of --classes, and there are none");
        return new ImportOptions(preprocessing, call.Get(_classes) is { } classes ? ReadClasses(call, classes) : null, offset)
        {
            Size = SizeFrom(call, _size),
        };
    }

    /// <summary>The option --size of a verb, which the import and the images share.</summary>
    public static Option<string?> SizeOf(Verb verb)
    {
        if (verb.Options.FirstOrDefault(option => option.Name == "--size") is Option<string?> known)
            return known;
        Option<string?> size = new("--size")
        {
            Description = "Rows and columns of a network's input that leaves them open, and of .med.br images without labels.",
            HelpName = "HxW",
        };
        verb.Options.Add(size);
        return size;
    }

    /// <summary>What it says.</summary>
    public static (int Height, int Width)? SizeFrom(Call call, Option<string?> size) => call.Get(size) is not { } text ? null
        : ImageSize.Parse(text) is { Height: >= 1 and <= ushort.MaxValue, Width: null or (>= 1 and <= ushort.MaxValue) } sides
            ? (sides.Height, sides.Width ?? sides.Height)
            : throw DiagnosticDescriptors.Usage.Error(null, null, $"--size '{text}' is not of the form 224 or 240x320 (rows x columns)");

    private static ImmutableArray<string> ReadClasses(Call call, string path)
    {
        ImmutableArray<string> names = ClassNames.Read(path);
        call.Record(path);
        return names;
    }

    private static ImmutableArray<double> Numbers(string option, string text) =>
        [.. text.Split(',').Select(part => Fraction.Parse(option, part))];
}

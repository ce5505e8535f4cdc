using System.CommandLine;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;

namespace Ebsp.Training.Verbs;

/// <summary>How raw pixels become the input of a model whose file does not say it.</summary>
internal sealed class PreprocessingArguments
{
    private readonly Option<string?> _scale = new("--scale") { Description = "Factor of raw pixels, such as 1/255.", HelpName = "X" };
    private readonly Option<string?> _mean = new("--mean") { Description = "Mean of each channel, after --scale.", HelpName = "R,G,B" };
    private readonly Option<string?> _std = new("--std") { Description = "Standard deviation of each channel, after --scale.", HelpName =
        "R,G,B" };

    /// <summary>Adds the options to a verb.</summary>
    public PreprocessingArguments(Verb verb)
    {
        verb.Options.Add(_scale);
        verb.Options.Add(_mean);
        verb.Options.Add(_std);
    }

    /// <summary>What they say.</summary>
    public ImportOptions Read(Call call) => call.Get(_scale) is null && call.Get(_mean) is null && call.Get(_std) is null
        ? ImportOptions.Default
        : new ImportOptions(new Preprocessing(call.Get(_scale) is { } scale ? Number("--scale", scale) : 1,
            call.Get(_mean) is { } mean ? [.. mean.Split(',').Select(text => Number("--mean", text))] : [0],
            call.Get(_std) is { } std ? [.. std.Split(',').Select(text => Number("--std", text))] : [1]));

    private static double Number(string option, string text)
    {
        double[] parts = [.. text.Split('/').Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN)];
        double number = parts.Length == 1 ? parts[0] : parts.Length == 2 ? parts[0] / parts[1] : double.NaN;
        return double.IsFinite(number) ? number
            : throw DiagnosticDescriptors.Usage.Error(null, null, $"{option} '{text}' is neither a number nor a fraction such as 1/255");
    }
}

using System.CommandLine;
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
        : new ImportOptions(new Preprocessing(call.Get(_scale) is { } scale ? Fraction.Parse("--scale", scale) : 1,
            call.Get(_mean) is { } mean ? [.. mean.Split(',').Select(text => Fraction.Parse("--mean", text))] : [0],
            call.Get(_std) is { } std ? [.. std.Split(',').Select(text => Fraction.Parse("--std", text))] : [1]));
}

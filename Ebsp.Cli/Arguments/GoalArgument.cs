using System.CommandLine;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Tiling;

namespace Ebsp.Cli.Arguments;

/// <summary>The option --optimize of verbs that cut layers into tiles.</summary>
internal sealed class GoalArgument
{
    private readonly Option<string> _goal = new("--optimize")
    {
        Description = "What the program has the least of: cycles, or bytes of the program (fewest tiles, nothing ahead of time).",
            HelpName = "cycles|size", DefaultValueFactory = _ => "cycles",
    };

    /// <summary>Adds the option to a verb.</summary>
    public GoalArgument(Verb verb) => verb.Options.Add(_goal);

    /// <summary>The goal.</summary>
    /// <exception cref="EbspException">EBSP7101: no such goal.</exception>
    public OptimizeFor Read(Call call) => call.Get(_goal) switch
    {
        "cycles" => OptimizeFor.Cycles,
        "size" => OptimizeFor.Size,
        var other => throw DiagnosticDescriptors.Usage.Error(null, null, $"--optimize {other} is neither cycles nor size"),
    };

    /// <summary>The goal in the options that a program carries; the default is not named.</summary>
    public static string Describe(OptimizeFor goal) => goal == OptimizeFor.Size ? " --optimize size" : "";

    /// <summary>The goal of a program, from the options that it carries.</summary>
    public static OptimizeFor Of(string options) => options.EndsWith(Describe(OptimizeFor.Size), StringComparison.Ordinal)
        ? OptimizeFor.Size
        : OptimizeFor.Cycles;
}

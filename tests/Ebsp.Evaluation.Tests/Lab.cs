using Ebsp.Tool;

namespace Ebsp.Evaluation.Tests;

/// <summary>Calls of ebspc-lab within the process.</summary>
internal static class Lab
{
    public static (int Exit, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exit = CommandLine.Run(args, new Terminal(output, error, ShowProgress: false, CancellationToken.None));
        return (exit, output.ToString(), error.ToString());
    }
}

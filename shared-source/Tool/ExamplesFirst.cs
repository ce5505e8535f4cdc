using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Ebsp.Tool;

/// <summary>Help that starts with examples.</summary>
internal sealed class ExamplesFirst(HelpAction help, IReadOnlyList<string> rootExamples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (string example in parseResult.CommandResult.Command is Verb verb ? verb.Examples : rootExamples)
            output.WriteLine($"  {example}");
        output.WriteLine();
        return help.Invoke(parseResult);
    }
}

/// <summary>Prints the version alone.</summary>
internal sealed class PrintVersion : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(ToolVersion.Number);
        return ExitCode.Success;
    }
}

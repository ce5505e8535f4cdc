using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Cli.Arguments;

/// <summary>The option that names a file for a table, as CSV or JSON by the end of its name.</summary>
internal sealed class ReportArgument
{
    private readonly Option<string?> _report;

    /// <summary>Adds the option to a verb.</summary>
    public ReportArgument(Verb verb, string description)
    {
        _report = new Option<string?>("--report") { Description = description, HelpName = "FILE.csv|FILE.json" };
        verb.Options.Add(_report);
    }

    /// <summary>Refuses a name of neither kind, before the long work.</summary>
    /// <exception cref="EbspException">EBSP7101.</exception>
    public void Check(Call call)
    {
        if (call.Get(_report) is { } path && !IsCsv(path) && !path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            throw DiagnosticDescriptors.Usage.Error(null, call.Arguments.CommandResult.Command.Name,
                $"--report '{path}' ends in neither .csv nor .json");
    }

    /// <summary>Writes the table if it is asked for.</summary>
    public void Write(Call call, Func<byte[]> csv, Func<JsonArray> json)
    {
        if (call.Get(_report) is { } path)
            call.Write(path, IsCsv(path) ? csv() : Encoding.UTF8.GetBytes(json().ToJsonString() + "\n"), "reportFile");
    }

    private static bool IsCsv(string path) => path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
}

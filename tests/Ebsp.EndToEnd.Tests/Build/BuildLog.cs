using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Logging;
using Microsoft.Build.Logging.StructuredLogger;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>An error or a warning of a build.</summary>
internal sealed record BuildIssue(string Code, string File, string Text, string HelpLink, string Project)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}: {Code}: {Text}";
}

/// <summary>What a binary log tells, as counts.</summary>
internal sealed partial class BuildLog
{
    private readonly List<BuildIssue> warnings = [], errors = [];
    private readonly List<string> compiled = [], commands = [], messages = [];

    private readonly Queue<string> links;

    private BuildLog(IEnumerable<string> links) => this.links = new Queue<string>(links);

    /// <summary>The command lines of the processes that compiled models, one a process.</summary>
    public IReadOnlyList<string> Commands => commands;

    /// <summary>Model files that were compiled, as the item names them, in order.</summary>
    public IReadOnlyList<string> Compiled => compiled;

    /// <summary>How often the C# compiler ran.</summary>
    public int CompilerRuns { get; private set; }

    /// <summary>Warnings in order.</summary>
    public IReadOnlyList<BuildIssue> Warnings => warnings;

    /// <summary>Errors in order.</summary>
    public IReadOnlyList<BuildIssue> Errors => errors;

    /// <summary>All messages.</summary>
    public IReadOnlyList<string> Messages => messages;

    /// <summary>Reads a binary log.</summary>
    public static BuildLog Read(string path)
    {
        BuildLog log = new(File.Exists(path + HelpLinks.Ending) ? File.ReadAllLines(path + HelpLinks.Ending) : []);
        foreach (Record record in BinaryLog.ReadRecords(path))
            log.Add(record.Args);
        return log;
    }

    private void Add(BuildEventArgs? args)
    {
        switch (args)
        {
            case BuildWarningEventArgs warning:
                warnings.Add(new BuildIssue(warning.Code ?? "", warning.File ?? "", warning.Message ?? "", NextLink(), warning.ProjectFile
                    ?? ""));
                break;
            case BuildErrorEventArgs error:
                errors.Add(new BuildIssue(error.Code ?? "", error.File ?? "", error.Message ?? "", NextLink(), error.ProjectFile ?? ""));
                break;
            case TaskStartedEventArgs { TaskName: "Csc" }:
                CompilerRuns++;
                break;
            case TaskCommandLineEventArgs command:
                if (command.CommandLine.Contains("ebspc.dll", StringComparison.Ordinal))
                    commands.Add(command.CommandLine);
                break;
            case BuildMessageEventArgs { Message: { } message }:
                messages.Add(message);
                if (CompiledModel().Match(message) is { Success: true } match)
                    compiled.Add(match.Groups[1].Value);
                break;
        }
    }

    private string NextLink() => links.TryDequeue(out string? link) ? link : "";

    [GeneratedRegex("^ebspc compile (.+)$")]
    private static partial Regex CompiledModel();
}

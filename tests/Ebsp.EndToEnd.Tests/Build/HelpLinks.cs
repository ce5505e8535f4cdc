using Microsoft.Build.Framework;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>A logger that writes down what a binary log leaves out: the help links of errors and warnings, a line each, in the log's
/// order.</summary>
public sealed class HelpLinks : ILogger
{
    /// <summary>Ending of the file beside the binary log.</summary>
    internal const string Ending = ".links";

    private readonly List<string> _links = [];

    /// <inheritdoc/>
    public LoggerVerbosity Verbosity { get; set; }

    /// <summary>Path of the file.</summary>
    public string? Parameters { get; set; }

    /// <summary>The argument of MSBuild that adds the logger.</summary>
    internal static string Argument(string log) =>
        $"-logger:{typeof(HelpLinks).FullName},{typeof(HelpLinks).Assembly.Location};{log}{Ending}";

    /// <inheritdoc/>
    public void Initialize(IEventSource eventSource)
    {
        ArgumentNullException.ThrowIfNull(eventSource);
        eventSource.ErrorRaised += (_, error) => _links.Add(error.HelpLink ?? "");
        eventSource.WarningRaised += (_, warning) => _links.Add(warning.HelpLink ?? "");
    }

    /// <inheritdoc/>
    public void Shutdown() => File.WriteAllLines(Parameters!, _links);
}

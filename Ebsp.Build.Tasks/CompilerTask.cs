using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Ebsp.Build.Tasks;

/// <summary>
/// A task that asks the compiler: one run of <c>dotnet exec ebspc.dll batch REQUEST.json</c>, one line of JSON an answer. Says what is
/// wrong with code, file and help link.
/// </summary>
public abstract class CompilerTask : ToolTask, IDisposable
{
    private const int KeptErrorLines = 5;
    private const int ShownCharacters = 200;

    // What is meant for the user's app, or would choose another framework than ebspc.runtimeconfig.json does.
    private static readonly string[] ForeignVariables =
        ["DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE", "DOTNET_ROLL_FORWARD",
            "DOTNET_ROLL_FORWARD_ON_NO_CANDIDATE_FX"];

    private readonly CancellationTokenSource cancellation = new();
    private readonly HashSet<string> answered = [];
    private readonly Queue<string> lastErrors = new();
    private HelpLink? help;
    private string request = "";
    private bool isUnderstood;
    private Action<int, Answer> take = (_, _) => { };
    private ExceptionDispatchInfo? failure;

    /// <summary>Full path of the project file: the place of errors that have no other.</summary>
    public string? ProjectFile { get; set; }

    /// <summary>Full path of the project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>Full path of the program dotnet.</summary>
    [Required]
    public string DotnetHost { get; set; } = "";

    /// <summary>Full path of ebspc.dll.</summary>
    [Required]
    public string EbspcPath { get; set; } = "";

    /// <summary>Full path of diagnostics.md, for help links.</summary>
    public string DiagnosticsPage { get; set; } = "";

    /// <summary>Whether an editor asks, which waits for types and not for programs: nothing is compiled, and nothing is an error.</summary>
    public bool DesignTime { get; set; }

    /// <inheritdoc/>
    protected override string ToolName => "dotnet";

    /// <inheritdoc/>
    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.Low;

    /// <inheritdoc/>
    protected override MessageImportance StandardErrorLoggingImportance => MessageImportance.Normal;

    /// <summary>Set when the build is stopped.</summary>
    private protected CancellationToken Cancellation => cancellation.Token;

    /// <inheritdoc/>
    public override void Cancel()
    {
        cancellation.Cancel();
        base.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cancellation.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Compiles models, each into a folder of its own.</summary>
    /// <param name="folder">Where the request is written.</param>
    /// <param name="calls">Models and their folders; the id of a call is its place in the list.</param>
    /// <param name="answer">Takes each answer as soon as it is there, with the place of its call: a build that is stopped later keeps
    /// it.</param>
    /// <returns>Which calls were answered; null if the compiler printed anything else.</returns>
    private protected IReadOnlyCollection<string>? Ask(string folder, IReadOnlyList<KeyValuePair<ModelItem, string>> calls,
        Action<int, Answer> answer)
    {
        request = Path.Combine(folder, "request.json");
        if (new[] { request, EbspcPath }.FirstOrDefault(path => path.Any(unit => unit == '"' || char.IsControl(unit))) is { } unusable)
        {
            Report(BuildDiagnostics.PathNotUsable, null, unusable);
            return null;
        }

        foreach (KeyValuePair<ModelItem, string> call in calls)
        {
            Directory.CreateDirectory(call.Value);
            Log.LogMessage(MessageImportance.Normal, "ebspc compile {0}", call.Key.Spec);
        }

        WholeFile.Write(request, Request.Of(calls));
        answered.Clear();
        lastErrors.Clear();
        (isUnderstood, take, failure) = (true, answer, null);
        base.Execute();
        failure?.Throw();
        Cancellation.ThrowIfCancellationRequested();
        return isUnderstood ? answered : null;
    }

    /// <summary>Says that the compiler ended without saying why.</summary>
    private protected void ReportFailure(string? file, long exitCode) =>
        Report(BuildDiagnostics.CompilerFailed, file, exitCode, lastErrors.Count == 0
            ? ""
            : $"; its last words: {string.Join(" / ", lastErrors)}");

    /// <summary>Says what is wrong, by a row of the table.</summary>
    private protected void Report(BuildDiagnostic row, string? file, params object[] arguments) =>
        ReportError(row.Code, file, row.Text(arguments));

    /// <summary>Says what is wrong; an editor that waits for types is not told.</summary>
    private protected void ReportError(string code, string? file, string text)
    {
        if (DesignTime)
            Log.LogMessage(MessageImportance.Low, "{0}", $"{file}: {code}: {text}");
        else
            Log.LogError(null, code, null, Link(code), file ?? ProjectFile, 0, 0, 0, 0, "{0}", text);
    }

    /// <summary>Says what looks wrong.</summary>
    private protected void Warn(BuildDiagnostic row, string? file, params object[] arguments) =>
        WarnOf(row.Code, file, row.Text(arguments));

    /// <summary>Says what looks wrong, by the compiler's code.</summary>
    private protected void WarnOf(string code, string? file, string text)
    {
        if (!DesignTime)
            Log.LogWarning(null, code, null, Link(code), file ?? ProjectFile, 0, 0, 0, 0, "{0}", text);
    }

    private string? Link(string code) => (help ??= new HelpLink(DiagnosticsPage.Length == 0 ? "" : Path.GetFullPath(DiagnosticsPage)))
        .Of(code);

    /// <inheritdoc/>
    protected override string GenerateFullPathToTool() => DotnetHost;

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands()
    {
        CommandLineBuilder command = new();
        command.AppendSwitch("exec");
        command.AppendFileNameIfNotNull(EbspcPath);
        command.AppendSwitch("batch");
        command.AppendFileNameIfNotNull(request);
        return command.ToString();
    }

    /// <inheritdoc/>
    protected override string GetWorkingDirectory() => ProjectDirectory;

    /// <inheritdoc/>
    protected override ProcessStartInfo GetProcessStartInfo(string pathToTool, string commandLineCommands, string responseFileSwitch)
    {
        ProcessStartInfo start = base.GetProcessStartInfo(pathToTool, commandLineCommands, responseFileSwitch);
        foreach (string name in ForeignVariables)
            start.EnvironmentVariables.Remove(name);
        return start;
    }

    /// <inheritdoc/>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        if (messageImportance == StandardErrorLoggingImportance)
        {
            lastErrors.Enqueue(singleLine);
            if (lastErrors.Count > KeptErrorLines)
                lastErrors.Dequeue();
            Log.LogMessage(MessageImportance.Low, "{0}", singleLine);
        }
        else if (Answer.Read(singleLine) is not { } answer)
        {
            isUnderstood = false;
            Report(BuildDiagnostics.OutputNotUnderstood, null,
                $"'{(singleLine.Length > ShownCharacters ? singleLine.Substring(0, ShownCharacters) : singleLine)}'");
        }
        else if (answer.Id is null)
        {
            isUnderstood &= answer.Findings.Count == 0;
            foreach (Finding finding in answer.Findings)
                ReportError(finding.Code, finding.File, finding.Text);
        }
        else if (isUnderstood && answered.Add(answer.Id)
            && int.TryParse(answer.Id, NumberStyles.None, CultureInfo.InvariantCulture, out int place))
        {
            Take(place, answer);
        }
    }

    // The base class would take a file that cannot be written for a failure of the tool.
    private void Take(int place, Answer answer)
    {
        try
        {
            take(place, answer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure ??= ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Not among what a build prints as it goes.</remarks>
    protected override void LogToolCommand(string message) => Log.LogCommandLine(MessageImportance.Normal, message);

    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors() => false;
}

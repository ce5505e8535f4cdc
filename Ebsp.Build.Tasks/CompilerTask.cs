using System.Diagnostics;
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
    private readonly Dictionary<string, Answer> answers = [];
    private readonly Queue<string> lastErrors = new();
    private HelpLink? help;
    private string request = "";
    private bool isUnderstood;

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
    /// <returns>The answers by id; null if the compiler printed anything else.</returns>
    private protected IReadOnlyDictionary<string, Answer>? Ask(string folder, IReadOnlyList<KeyValuePair<ModelItem, string>> calls)
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
        answers.Clear();
        lastErrors.Clear();
        isUnderstood = true;
        base.Execute();
        Cancellation.ThrowIfCancellationRequested();
        return isUnderstood ? answers : null;
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
    private protected void Warn(BuildDiagnostic row, string? file, params object[] arguments)
    {
        if (!DesignTime)
            Log.LogWarning(null, row.Code, null, Link(row.Code), file ?? ProjectFile, 0, 0, 0, 0, "{0}", row.Text(arguments));
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
        else
        {
            answers[answer.Id] = answer;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Not among what a build prints as it goes.</remarks>
    protected override void LogToolCommand(string message) => Log.LogCommandLine(MessageImportance.Normal, message);

    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors() => false;
}

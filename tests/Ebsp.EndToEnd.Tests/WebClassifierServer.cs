using System.Diagnostics;

namespace Ebsp.EndToEnd.Tests;

/// <summary>samples/WebClassifier as a process of its own, on a free port of this machine.</summary>
internal sealed class WebClassifierServer : IDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    public WebClassifierServer()
    {
        ProcessStartInfo start = new("dotnet", ["exec", Assembly, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        _process = Process.Start(start)!;
        TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, line) =>
        {
            int at = line.Data?.IndexOf(Listening, StringComparison.Ordinal) ?? -1;
            if (at >= 0)
                address.TrySetResult(new Uri(line.Data![(at + Listening.Length)..]));
            else if (line.Data is null)
                address.TrySetException(new InvalidOperationException("The server ended before it listened."));
        };
        _process.BeginOutputReadLine();
        Client = new HttpClient { BaseAddress = address.Task.WaitAsync(Patience).GetAwaiter().GetResult(), Timeout = Patience };
    }

    /// <summary>A client of the server.</summary>
    public HttpClient Client { get; }

    // Beside the tests' own folder, of the same configuration.
    private static string Assembly => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "WebClassifier",
            Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "WebClassifier.dll"));

    public void Dispose()
    {
        Client.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}

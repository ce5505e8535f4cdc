using System.Runtime.InteropServices;
using System.Text;

namespace Ebsp.Tool;

/// <summary>The process of a tool: its streams and signals.</summary>
internal static class ToolProcess
{
    // What may take longer to notice the signal than a user waits.
    private const int GraceMilliseconds = 900;

    /// <summary>Runs the one call of a process.</summary>
    /// <param name="args">Its command line.</param>
    /// <param name="call">Does it; gives the exit code.</param>
    /// <returns>The exit code of the process.</returns>
    public static int Run(string[] args, Func<string[], Terminal, int> call)
    {
        Encoding utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using StreamWriter output = new(Console.OpenStandardOutput(), utf8, bufferSize: 1 << 16);
        using StreamWriter error = new(Console.OpenStandardError(), utf8) { AutoFlush = true };
        using CancellationTokenSource cancellation = new();
        Terminal terminal = new(output, error, ShowProgress: !Console.IsErrorRedirected && IsTalkative(), cancellation.Token);

        int signalled = 0;
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            int code = context.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
            if (Interlocked.CompareExchange(ref signalled, code, 0) == 0)
                cancellation.Cancel();
            _ = Task.Delay(GraceMilliseconds).ContinueWith(_ => terminal.Exit(signalled), TaskScheduler.Default);
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        int exit;
        try
        {
            exit = call(args, terminal);
            output.Flush();
        }
        catch (IOException)
        {
            // The reader of a pipe has gone: nobody is there to be told.
            exit = ExitCode.FileSystem;
        }

        return signalled != 0 ? signalled : exit;
    }

    private static bool IsTalkative() =>
        Environment.GetEnvironmentVariable("CI") is null or "" && Environment.GetEnvironmentVariable("TERM") != "dumb";
}

namespace Ebsp.Tool;

/// <summary>Where a call writes, and how it is stopped.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Everything else.</param>
/// <param name="ShowProgress">Whether <paramref name="Error"/> is a terminal that a progress line may rewrite.</param>
/// <param name="Cancellation">Set on a signal.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool ShowProgress, CancellationToken Cancellation)
{
    private readonly Lock _writing = new();

    /// <summary>Does something that must not be cut off in the middle, such as a write and rename.</summary>
    public void Whole(Action write)
    {
        lock (_writing)
        {
            Cancellation.ThrowIfCancellationRequested();
            write();
        }
    }

    /// <summary>Does something that a signal waits for, such as a step of a long run and the record of where it stands.</summary>
    public void Finish(Action work)
    {
        lock (_writing)
            work();
    }

    /// <summary>Ends the process, but not in the middle of a file.</summary>
    public void Exit(int code)
    {
        lock (_writing)
            Environment.Exit(code);
    }
}

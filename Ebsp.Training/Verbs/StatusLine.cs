using System.Diagnostics;

namespace Ebsp.Training.Verbs;

/// <summary>One line that says where a run stands: rewritten on a terminal, else a line every 30 seconds.</summary>
internal sealed class StatusLine(Terminal terminal) : IDisposable
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(30);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next;
    private int _width;

    /// <summary>Shows it, if the last one is old enough.</summary>
    public void Show(string line)
    {
        if (_clock.Elapsed < _next)
            return;
        _next = _clock.Elapsed + (terminal.ShowProgress ? OnTerminal : Elsewhere);
        if (terminal.ShowProgress)
            terminal.Error.Write($"\r{line.PadRight(_width)}");
        else
            terminal.Error.WriteLine(line);
        _width = line.Length;
    }

    /// <summary>A line that stays.</summary>
    public void Note(string line)
    {
        Dispose();
        terminal.Error.WriteLine(line);
    }

    /// <summary>Clears it.</summary>
    public void Dispose()
    {
        if (terminal.ShowProgress && _width > 0)
            terminal.Error.Write($"\r{new string(' ', _width)}\r");
        _width = 0;
    }
}

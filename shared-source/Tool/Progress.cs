using System.Diagnostics;

namespace Ebsp.Tool;

/// <summary>Progress of a long step: one line that is rewritten on a terminal, else a line every 10 seconds. Safe to call from many
/// threads.</summary>
internal sealed class Progress(Terminal terminal, string what, long total) : IProgress<(string Name, int Done, int Total)>, IDisposable
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next = terminal.ShowProgress ? OnTerminal : Elsewhere;
    private long _done;
    private int _width;

    /// <summary>More is done.</summary>
    public void Advance(long amount)
    {
        Show(Interlocked.Add(ref _done, amount), total);
    }

    /// <summary>So much is done.</summary>
    public void Report((string Name, int Done, int Total) value) => Show(value.Done, value.Total);

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (terminal.ShowProgress && _width > 0)
            terminal.Error.Write($"\r{new string(' ', _width)}\r");
    }

    private void Show(long done, long all)
    {
        if (_clock.Elapsed < _next)
            return;
        lock (_lock)
        {
            if (_clock.Elapsed < _next)
                return;
            _next = _clock.Elapsed + (terminal.ShowProgress ? OnTerminal : Elsewhere);
            string line = $"{what}: {Quantity.Count(done)} of {Quantity.Count(all)}";
            if (terminal.ShowProgress)
                terminal.Error.Write($"\r{line.PadRight(_width)}");
            else
                terminal.Error.WriteLine(line);
            _width = line.Length;
        }
    }
}

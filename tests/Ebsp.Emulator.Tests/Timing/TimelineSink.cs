using System.Globalization;
using System.Text;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Tests.Timing;

/// <summary>Writes what a unit does as "0 fetch 1 i0 15 end 20": a cycle, what follows, the next cycle.</summary>
internal sealed class TimelineSink : ITimingSink
{
    private readonly StringBuilder[] _lines = [.. Enum.GetValues<Unit>().Select(_ => new StringBuilder("0"))];
    private readonly long[] _ends = new long[Enum.GetValues<Unit>().Length];

    private readonly int[] _values = new int[256];
    private long _cycle;

    public string this[Unit unit] => _lines[(int)unit].ToString();

    public void Busy(Unit unit, int instruction, long start, long end) => Add(unit, $"i{instruction}", start, end);

    public void Stall(Unit unit, StallKind kind, int counter, int instruction, long start, long end) => Add(unit, kind switch
    {
        StallKind.Counter => $"counter{counter}",
        StallKind.Queue => $"queue:{Name((Unit)counter)}",
        _ => Name(kind),
    }, start, end);

    public void Signal(int counter, int value, long cycle)
    {
        Assert.AreEqual(_values[counter] + 1, value, $"counter {counter}");
        Assert.IsGreaterThanOrEqualTo(_cycle, cycle);
        (_values[counter], _cycle) = (value, cycle);
    }

    public static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private void Add(Unit unit, string what, long start, long end)
    {
        Assert.AreEqual(_ends[(int)unit], start, $"{unit} {what}: a hole or an overlap");
        Assert.IsGreaterThan(start, end, $"{unit} {what}: empty");
        _ends[(int)unit] = end;
        string last = $" {what} {start}";
        string line = _lines[(int)unit].ToString();
        // The latency, transfer and computation of one instruction come as touching intervals.
        if (what[0] == 'i' && line.EndsWith(last, StringComparison.Ordinal))
            _lines[(int)unit].Length -= start.ToString(CultureInfo.InvariantCulture).Length + 1;
        else
            _lines[(int)unit].Append(' ').Append(what);
        _lines[(int)unit].Append(' ').Append(end.ToString(CultureInfo.InvariantCulture));
    }
}

using System.Text.Json;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;

namespace Ebsp.TestKit.Timing;

/// <summary>A trace read back from its JSON: what every viewer sees, added up by unit and layer.</summary>
public sealed class RecordedTrace
{
    private readonly Dictionary<(string Track, string Layer, string What), long> _cycles = [];

    /// <summary>Parses a trace and holds what must hold of every one: monotonic tracks without holes that end at the last
    /// timestamp.</summary>
    public RecordedTrace(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Dictionary<int, string> names = [];
        Dictionary<string, long> ends = [];
        foreach (JsonElement e in document.RootElement.GetProperty("traceEvents").EnumerateArray())
        {
            JsonElement args = e.GetProperty("args");
            string name = e.GetProperty("name").GetString()!;
            switch (e.GetProperty("ph").GetString())
            {
                case "M":
                    if (name == "thread_name")
                        ends[names[e.GetProperty("tid").GetInt32()] = args.GetProperty("name").GetString()!] = 0;
                    break;
                case "C":
                    long at = e.GetProperty("ts").GetInt64();
                    Assert.IsGreaterThanOrEqualTo(ends.GetValueOrDefault(name), at, name);
                    ends[name] = at;
                    Counters[name] = args.GetProperty("value").GetInt64();
                    break;
                default:
                    string track = names[e.GetProperty("tid").GetInt32()];
                    long start = e.GetProperty("ts").GetInt64(), length = e.GetProperty("dur").GetInt64();
                    Assert.AreEqual(ends[track], start, $"{track}: a hole or an overlap before {name}");
                    Assert.IsGreaterThan(0L, length);
                    ends[track] = start + length;
                    Spans++;
                    string layer = args.TryGetProperty("layer", out JsonElement l) ? l.GetString()! : "";
                    long named = 0;
                    foreach (string what in (string[])["busy", .. Enum.GetNames<StallKind>().Select(kind => kind.ToLowerInvariant())])
                    {
                        if (!args.TryGetProperty(what, out JsonElement value))
                            continue;
                        _cycles[(track, layer, what)] = _cycles.GetValueOrDefault((track, layer, what)) + value.GetInt64();
                        named += value.GetInt64();
                    }

                    Assert.AreEqual(length, named, $"{track} {name}: every cycle is busy or a stall by name");
                    break;
            }
        }

        Cycles = ends.Values.Max();
        foreach ((string track, long end) in ends)
            Assert.AreEqual(Cycles, end, track);
    }

    /// <summary>Last timestamp.</summary>
    public long Cycles { get; }

    /// <summary>Number of spans.</summary>
    public int Spans { get; }

    /// <summary>Last value of each counter.</summary>
    public Dictionary<string, long> Counters { get; } = [];

    /// <summary>Holds the trace against the report: each unit, each layer, each stall.</summary>
    public void AssertIs(TimingReport report)
    {
        Assert.AreEqual(report.Cycles, Cycles);
        // Two layers may have one name.
        foreach (IGrouping<string, LayerTime> layers in report.Layers.Append(report.Rest).GroupBy(layer => layer.Name))
        {
            foreach (Unit unit in Enum.GetValues<Unit>())
            {
                string track = unit.ToString().ToLowerInvariant();
                Assert.AreEqual(layers.Sum(layer => layer[unit].Busy), _cycles.GetValueOrDefault((track, layers.Key, "busy")),
                    $"{track} {layers.Key}");
                foreach (StallKind kind in Enum.GetValues<StallKind>())
                {
                    string what = kind.ToString().ToLowerInvariant();
                    Assert.AreEqual(layers.Sum(layer => layer[unit].Of(kind)), _cycles.GetValueOrDefault((track, layers.Key, what)),
                        $"{track} {layers.Key} {what}");
                }
            }
        }
    }
}

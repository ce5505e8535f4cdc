using System.Globalization;
using System.Text.Json;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tracing;

/// <summary>Writes the intervals of a timing run as trace events while they arise: one track a unit, one a counter.</summary>
internal sealed class TraceWriter : ITimingSink, IDisposable
{
    private const int Process = 1;
    private const int FlushBytes = 1 << 16;
    private static readonly Unit[] Units = Enum.GetValues<Unit>();
    private static readonly string[] StallNames = [.. Enum.GetValues<StallKind>().Select(kind => kind.ToString().ToLowerInvariant())];

    private readonly Utf8JsonWriter _json;
    private readonly EbspProgram _program;
    private readonly TraceDetail _detail;
    private readonly int[] _tiles;
    private readonly int[] _signalled;
    private readonly Span?[] _open = new Span?[Units.Length];
    private readonly (int Value, long Cycle)[] _counters = new (int, long)[256];
    private readonly bool[] _pending = new bool[256];

    public TraceWriter(Stream output, EbspProgram program, TraceDetail detail)
    {
        (_program, _detail) = (program, detail);
        _json = new Utf8JsonWriter(output);
        _tiles = TileNumbers.Of(program);
        _json.WriteStartObject();
        _json.WriteStartArray("traceEvents");
        Metadata("process_name", 0, "name", "EBSP machine, 1 us = 1 cycle");
        foreach (Unit unit in Units)
        {
            Metadata("thread_name", Track(unit), "name", unit.ToString().ToLowerInvariant());
            Metadata("thread_sort_index", Track(unit), "sort_index", Track(unit));
        }

        _signalled = [.. program.Code.Select(i => (int)i[Field.Signal]).Where(counter => counter != 0).Distinct().Order()];
        foreach (int counter in _signalled)
            WriteCounter(counter, 0, 0);
    }

    // What one unit did for one instruction, tile or layer without a break.
    private sealed class Span
    {
        public required long Start { get; init; }
        public required int Layer { get; init; }
        public required int Tile { get; init; }
        public required int Instruction { get; init; }
        public int Instructions { get; set; }
        public int LastInstruction { get; set; } = -1;
        public long Busy { get; set; }
        public long[] Stalls { get; } = new long[StallNames.Length];
    }

    public void Busy(Unit unit, int instruction, long start, long end)
    {
        if (_detail == TraceDetail.Instruction)
        {
            Begin(unit, _program.Code[instruction].Opcode.ToString().ToLowerInvariant(), start, end);
            Place(LayerOf(instruction), _tiles[instruction]);
            _json.WriteNumber("instruction", instruction);
            _json.WriteNumber("busy", end - start);
            End();
            return;
        }

        Span span = Extend(unit, instruction, start);
        span.Busy += end - start;
        if (span.LastInstruction != instruction)
            span.Instructions++;
        span.LastInstruction = instruction;
    }

    public void Stall(Unit unit, StallKind kind, int counter, int instruction, long start, long end)
    {
        if (_detail == TraceDetail.Instruction || instruction < 0)
        {
            Close(unit, start);
            string name = kind switch
            {
                StallKind.Counter => string.Create(CultureInfo.InvariantCulture, $"stall counter {counter}"),
                StallKind.Queue => $"stall queue {((Unit)counter).ToString().ToLowerInvariant()}",
                _ => $"stall {StallNames[(int)kind]}",
            };
            Begin(unit, name, start, end);
            if (instruction >= 0)
            {
                Place(LayerOf(instruction), _tiles[instruction]);
                _json.WriteNumber("instruction", instruction);
            }

            if (kind == StallKind.Counter)
                _json.WriteNumber("waitsFor", counter);
            _json.WriteNumber(StallNames[(int)kind], end - start);
            End();
            return;
        }

        Extend(unit, instruction, start).Stalls[(int)kind] += end - start;
    }

    public void Signal(int counter, int value, long cycle)
    {
        _counters[counter] = (value, cycle);
        _pending[counter] = true;
        if (_detail == TraceDetail.Instruction)
            WriteCounter(counter, value, cycle);
    }

    /// <summary>Writes what is still open, and the end of every track.</summary>
    public void Finish(TimingReport report, ArchSpec arch)
    {
        foreach (Unit unit in Units)
            Close(unit, report.Cycles);
        foreach (int counter in _signalled)
            WriteCounter(counter, _counters[counter].Value, report.Cycles);

        _json.WriteEndArray();
        _json.WriteString("displayTimeUnit", "ns");
        _json.WriteStartObject("otherData");
        _json.WriteString("schema", "ebspc-trace/1");
        _json.WriteString("machine", arch.Name);
        _json.WriteNumber("clockHz", arch.ClockHz);
        _json.WriteNumber("cycles", report.Cycles);
        _json.WriteString("detail", _detail.ToString().ToLowerInvariant());
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
    }

    public void Dispose() => _json.Dispose();

    private static int Track(Unit unit) => (int)unit + 1;

    private int LayerOf(int instruction) => _program.Layers.InstructionLayers[instruction];

    // The unit's open span if the instruction belongs to it, else a new one.
    private Span Extend(Unit unit, int instruction, long start)
    {
        int layer = LayerOf(instruction), tile = _detail == TraceDetail.Tile ? _tiles[instruction] : -1;
        if (_open[(int)unit] is { } open && open.Layer == layer && open.Tile == tile)
            return open;
        Close(unit, start);
        return _open[(int)unit] = new Span { Start = start, Layer = layer, Tile = tile, Instruction = instruction };
    }

    private void Close(Unit unit, long end)
    {
        if (_open[(int)unit] is not { } span)
            return;
        _open[(int)unit] = null;
        string layer = span.Layer < 0 ? "ends of the network" : _program.Layers.Layers[span.Layer];
        Begin(unit, span.Tile < 0 ? layer : string.Create(CultureInfo.InvariantCulture, $"{layer} tile {span.Tile}"), span.Start, end);
        Place(span.Layer, span.Tile);
        _json.WriteNumber("instruction", span.Instruction);
        _json.WriteNumber("instructions", span.Instructions);
        _json.WriteNumber("busy", span.Busy);
        for (int kind = 0; kind < span.Stalls.Length; kind++)
        {
            if (span.Stalls[kind] > 0)
                _json.WriteNumber(StallNames[kind], span.Stalls[kind]);
        }

        End();
        // Counters that have moved since the last span: one sample each, at the cycle of their last value.
        foreach (int counter in _signalled)
        {
            if (_pending[counter])
                WriteCounter(counter, _counters[counter].Value, _counters[counter].Cycle);
        }
    }

    private void Begin(Unit unit, string name, long start, long end)
    {
        _json.WriteStartObject();
        _json.WriteString("name", name);
        _json.WriteString("ph", "X");
        _json.WriteNumber("pid", Process);
        _json.WriteNumber("tid", Track(unit));
        _json.WriteNumber("ts", start);
        _json.WriteNumber("dur", end - start);
        _json.WriteStartObject("args");
    }

    private void Place(int layer, int tile)
    {
        if (layer >= 0)
            _json.WriteString("layer", _program.Layers.Layers[layer]);
        if (tile >= 0)
            _json.WriteNumber("tile", tile);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.WriteEndObject();
        if (_json.BytesPending > FlushBytes)
            _json.Flush();
    }

    private void WriteCounter(int counter, int value, long cycle)
    {
        _pending[counter] = false;
        _json.WriteStartObject();
        _json.WriteString("name", string.Create(CultureInfo.InvariantCulture, $"counter {counter}"));
        _json.WriteString("ph", "C");
        _json.WriteNumber("pid", Process);
        _json.WriteNumber("ts", cycle);
        _json.WriteStartObject("args");
        _json.WriteNumber("value", value);
        End();
    }

    private void Metadata<T>(string name, int track, string argument, T value)
    {
        _json.WriteStartObject();
        _json.WriteString("name", name);
        _json.WriteString("ph", "M");
        _json.WriteNumber("pid", Process);
        _json.WriteNumber("tid", track);
        _json.WriteStartObject("args");
        if (value is int number)
            _json.WriteNumber(argument, number);
        else
            _json.WriteString(argument, value as string);
        End();
    }
}

using System.Collections.Immutable;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Timing;

/// <summary>
/// The run from event to event. An event is the end of an instruction or of a fetch; in one cycle the order is: ends raise their
/// counters, fetch hands over, units start, fetch uses a place that a start has freed, the DRAM channel serves the starts of this
/// cycle. Every instruction and every fetch takes at least one cycle, so this order settles the cycle.
/// </summary>
internal sealed class TimingRun
{
    private const int Units = (int)Unit.Host + 1;

    // Order in which the DRAM channel serves transfers that are ready in the same cycle.
    private static readonly Unit[] ChannelOrder = [Unit.Load, Unit.Vector, Unit.Store];

    private readonly TimedInstruction[] _instructions;
    private readonly CounterWait[] _waits;
    private readonly UnitClock[] _clocks;
    private readonly CounterBank _counters;
    private readonly long[] _handedAt;
    private readonly int _queueDepth;
    private readonly int _fetchCycles;
    private readonly int _latency;
    private readonly ITimingSink? _sink;
    private int _fetched;
    private long _channelFree;

    public TimingRun(TimedProgram program, ArchSpec arch, LayerMap layers, ITimingSink? sink)
    {
        _sink = sink;
        (_queueDepth, _fetchCycles, _latency) = (arch.QueueDepth, arch.FetchCycles, arch.DramLatencyCycles);
        _instructions = program.Instructions;
        _waits = program.Waits;
        _counters = new CounterBank(_instructions);
        _handedAt = new long[_instructions.Length];
        Starts = new long[_instructions.Length];
        Ends = new long[_instructions.Length];
        Array.Fill(Starts, -1);
        _clocks = [.. Orders(_instructions).Select((order, unit) =>
            new UnitClock((Unit)unit, order, layers.InstructionLayers.AsMemory(), layers.Layers.Length, sink))];
    }

    /// <summary>Start of each instruction; -1 if it never started.</summary>
    public long[] Starts { get; }

    /// <summary>End of each instruction that started.</summary>
    public long[] Ends { get; }

    /// <summary>The last cycle in which a unit worked, as the end of its interval.</summary>
    public long Total { get; private set; }

    /// <summary>Null, or where the run hangs.</summary>
    public TimingDeadlock? Deadlock { get; private set; }

    private UnitClock FetchClock => _clocks[(int)Unit.Fetch];

    /// <summary>Time of each unit that belongs to a layer; -1: to none.</summary>
    public ImmutableArray<UnitTime> UnitTimes(int layer) => [.. _clocks.Select(clock => clock.TimeOf(layer))];

    /// <summary>Runs to END or to the deadlock.</summary>
    public void Run()
    {
        FetchNext();
        for (long now = NextEvent(-1); now >= 0; now = NextEvent(now))
        {
            for (int u = 1; u < Units; u++)
            {
                UnitClock clock = _clocks[u];
                if (clock.Running && clock.Now == now)
                {
                    clock.Running = false;
                    Raise(_instructions[clock.Order[clock.Started - 1]].Signal, now);
                }
            }

            HandOver(now);
            bool asks = false;
            for (int u = 1; u < Units; u++)
                asks |= TryStart(_clocks[u], now);
            HandOver(now);
            if (asks)
                Serve(now);
        }

        Finish();
    }

    private static int[][] Orders(TimedInstruction[] instructions)
    {
        int[] counts = new int[Units];
        foreach (TimedInstruction instruction in instructions)
            counts[instruction.Unit]++;
        int[][] orders = [.. counts.Select(count => new int[count])];
        Array.Clear(counts);
        for (int i = 0; i < instructions.Length; i++)
        {
            int unit = instructions[i].Unit;
            orders[unit][counts[unit]++] = i;
        }

        return orders;
    }

    private void Raise(int counter, long now)
    {
        _counters.Raise(counter, now);
        if (counter != 0)
            _sink?.Signal(counter, _counters[counter], now);
    }

    private void FetchNext()
    {
        if (_fetched < _instructions.Length)
            FetchClock.Work(_fetched, checked(FetchClock.Now + _fetchCycles));
    }

    // The instruction that fetch holds goes to its queue, if fetching is done and there is a place; END stays with fetch.
    private void HandOver(long now)
    {
        if (_fetched == _instructions.Length || FetchClock.Now > now)
            return;
        UnitClock target = _clocks[_instructions[_fetched].Unit];
        if (target == FetchClock)
        {
            Starts[_fetched] = now - _fetchCycles;
            Ends[_fetched++] = now;
            FetchNext();
        }
        else if (target.Handed - target.Started < _queueDepth)
        {
            FetchClock.Stall(StallKind.Queue, _instructions[_fetched].Unit, _fetched, now);
            target.Handed++;
            _handedAt[_fetched++] = now;
            FetchNext();
        }
    }

    // Starts the unit's next instruction if it can; true if that one asks for the DRAM channel, which gives it its end later.
    private bool TryStart(UnitClock clock, long now)
    {
        if (clock.Running || clock.Started == clock.Handed)
            return false;
        int next = clock.Order[clock.Started];
        ref readonly TimedInstruction instruction = ref _instructions[next];
        ReadOnlySpan<CounterWait> waits = _waits.AsSpan(instruction.FirstWait, instruction.Waits);
        if (!_counters.Satisfy(waits))
            return false;
        clock.Stall(StallKind.Fetch, 0, next, _handedAt[next]);
        if (clock.Now < now)
            clock.Stall(StallKind.Counter, _counters.Last(waits), next, now);
        clock.Started++;
        clock.Running = true;
        Starts[next] = now;
        if (instruction.Transfer > 0)
            return true;
        clock.Work(next, Ends[next] = checked(now + instruction.Compute));
        return false;
    }

    // All transfers have the same latency, so they are ready in the order of their starts.
    private void Serve(long now)
    {
        foreach (Unit unit in ChannelOrder)
        {
            UnitClock clock = _clocks[(int)unit];
            if (!clock.Running || clock.Now != now)
                continue;
            int index = clock.Order[clock.Started - 1];
            ref readonly TimedInstruction instruction = ref _instructions[index];
            clock.Work(index, now + _latency);
            clock.Stall(StallKind.Dram, 0, index, _channelFree);
            _channelFree = checked(clock.Now + instruction.Transfer);
            clock.Work(index, Ends[index] = checked(_channelFree + instruction.Compute));
        }
    }

    // The next end of an instruction or of a fetch; -1 if nothing is under way.
    private long NextEvent(long now)
    {
        long next = long.MaxValue;
        if (_fetched < _instructions.Length && FetchClock.Now > now)
            next = FetchClock.Now;
        for (int u = 1; u < Units; u++)
        {
            if (_clocks[u].Running)
                next = Math.Min(next, _clocks[u].Now);
        }

        return next == long.MaxValue ? -1 : next;
    }

    private void Finish()
    {
        foreach (UnitClock clock in _clocks)
            Total = Math.Max(Total, clock.Now);
        if (_fetched < _instructions.Length)
            FetchClock.Stall(StallKind.Queue, _instructions[_fetched].Unit, _fetched, Total);
        FetchClock.Stall(StallKind.End, 0, -1, Total);
        foreach (UnitClock clock in _clocks.Skip(1))
        {
            if (clock.Started < clock.Handed)
            {
                int head = clock.Order[clock.Started];
                TimedInstruction instruction = _instructions[head];
                CounterWait missing = _counters.Missing(_waits.AsSpan(instruction.FirstWait, instruction.Waits));
                if (Deadlock is null || head < Deadlock.Instruction)
                    Deadlock = new TimingDeadlock(head, (Unit)instruction.Unit, missing.Counter, missing.Value, _counters[missing.Counter]);
                clock.Stall(StallKind.Fetch, 0, head, _handedAt[head]);
                clock.Stall(StallKind.Counter, missing.Counter, head, Total);
            }

            if (clock.Started < clock.Order.Length)
                clock.Stall(StallKind.Fetch, 0, clock.Order[clock.Started], Total);
            else
                clock.Stall(StallKind.End, 0, -1, Total);
        }
    }
}

using System.Buffers.Binary;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.TestKit.Timing;

/// <summary>The rules of docs/timing.md once more, one cycle at a time and without any code of the emulator: the oracle of the timing
/// model.</summary>
public sealed class NaiveMachine
{
    private enum Phase { Idle, Latency, Channel, Transfer, Compute }

    private sealed class State
    {
        public readonly Queue<int> Program = new();
        public readonly Queue<int> Handed = new();
        public Phase Phase;
        public int Instruction;
        public long Left;
        public long ReadySince;
        public (long, long)? Kept;
        public readonly Dictionary<string, long> Cycles = new()
        {
            ["busy"] = 0, ["fetch"] = 0, ["counter"] = 0, ["queue"] = 0, ["dram"] = 0, ["end"] = 0,
        };
    }

    private readonly ArchSpec _arch;
    private readonly IReadOnlyList<Instruction> _code;
    private readonly byte[] _tables;
    private readonly State[] _units = [.. Enumerable.Range(0, 7).Select(_ => new State())];
    private readonly int[] _counters = new int[256];
    private int _fetching;
    private long _fetchLeft;

    public NaiveMachine(ArchSpec arch, IReadOnlyList<Instruction> code, byte[] tables)
    {
        (_arch, _code, _tables) = (arch, code, tables);
        for (int i = 0; i < code.Count; i++)
            _units[(int)code[i].Unit].Program.Enqueue(i);
        _fetchLeft = arch.FetchCycles;
        for (Total = 0; Step(); Total++)
        {
        }
    }

    public long Total { get; private set; }

    public int DeadlockAt { get; private set; } = -1;

    public long Cycles(Unit unit, string what) => _units[(int)unit].Cycles[what];

    // One cycle; false if nothing is busy in it any more.
    private bool Step()
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            if (_fetching < _code.Count && _fetchLeft == 0)
            {
                State target = _units[(int)_code[_fetching].Unit];
                if (_code[_fetching].Opcode == Opcode.End || target.Handed.Count < _arch.QueueDepth)
                {
                    if (_code[_fetching].Opcode != Opcode.End)
                        target.Handed.Enqueue(_fetching);
                    _fetching++;
                    _fetchLeft = _arch.FetchCycles;
                    changed = true;
                }
            }

            for (int u = 1; u < 7; u++)
                changed |= TryStart(_units[u]);
        }

        foreach (State unit in _units)
        {
            if (unit.Phase == Phase.Latency && unit.Left == 0)
                (unit.Phase, unit.ReadySince) = (Phase.Channel, Total);
        }

        if (!_units.Any(unit => unit.Phase == Phase.Transfer))
        {
            // Load, vector, store: OrderBy is stable.
            State? first = new[] { _units[1], _units[3], _units[5] }.Where(unit => unit.Phase == Phase.Channel)
                .OrderBy(unit => unit.ReadySince).FirstOrDefault();
            if (first is not null)
                (first.Phase, first.Left) = (Phase.Transfer, TransferCycles(_code[first.Instruction]));
        }

        bool fetchBusy = _fetching < _code.Count && _fetchLeft > 0;
        if (!fetchBusy && _units.All(unit => unit.Phase == Phase.Idle))
        {
            int[] heads = [.. _units.Where(unit => unit.Handed.Count > 0).Select(unit => unit.Handed.Peek())];
            DeadlockAt = heads.Length == 0 ? -1 : heads.Min();
            return false;
        }

        _units[0].Cycles[fetchBusy ? "busy" : _fetching < _code.Count ? "queue" : "end"]++;
        if (fetchBusy)
            _fetchLeft--;
        for (int u = 1; u < 7; u++)
            Spend(_units[u]);
        return true;
    }

    private bool TryStart(State unit)
    {
        if (unit.Phase != Phase.Idle || unit.Handed.Count == 0)
            return false;
        Instruction instruction = _code[unit.Handed.Peek()];
        List<(Field, Field)> waits = [(Field.Wait0Counter, Field.Wait0Value), (Field.Wait1Counter, Field.Wait1Value)];
        if (instruction.Opcode == Opcode.Sync)
        {
            waits.AddRange([(Field.Wait2Counter, Field.Wait2Value), (Field.Wait3Counter, Field.Wait3Value),
                (Field.Wait4Counter, Field.Wait4Value), (Field.Wait5Counter, Field.Wait5Value)]);
        }

        if (waits.Any(wait => instruction[wait.Item1] != 0 && _counters[instruction[wait.Item1]] < instruction[wait.Item2]))
            return false;
        unit.Instruction = unit.Handed.Dequeue();
        unit.Program.Dequeue();
        bool reads = instruction.Opcode is Opcode.Load or Opcode.Store;
        if (instruction.Opcode is Opcode.Vector or Opcode.Lut)
        {
            (long, long) block = (instruction[Field.Constants], BlockBytes(instruction));
            reads = unit.Kept != block;
            unit.Kept = block;
        }

        (unit.Phase, unit.Left) = reads ? (Phase.Latency, _arch.DramLatencyCycles) : (Phase.Compute, ComputeCycles(instruction));
        return true;
    }

    private void Spend(State unit)
    {
        if (unit.Phase is Phase.Idle or Phase.Channel)
        {
            unit.Cycles[unit.Phase == Phase.Channel
                ? "dram"
                : unit.Handed.Count > 0 ? "counter" : unit.Program.Count > 0 ? "fetch" : "end"]++;
            return;
        }

        unit.Cycles["busy"]++;
        unit.Left--;
        if (unit.Left > 0 || unit.Phase == Phase.Latency)
            return;
        Instruction instruction = _code[unit.Instruction];
        if (unit.Phase == Phase.Transfer && instruction.Opcode is not (Opcode.Load or Opcode.Store))
        {
            (unit.Phase, unit.Left) = (Phase.Compute, ComputeCycles(instruction));
            return;
        }

        unit.Phase = Phase.Idle;
        if (instruction[Field.Signal] != 0)
            _counters[instruction[Field.Signal]]++;
    }

    private long TransferCycles(Instruction i)
    {
        if (i.Opcode is Opcode.Vector or Opcode.Lut)
            return Channel(Bursts(i[Field.Constants], BlockBytes(i), _arch.DramBurstBytes));
        long slot = i[Field.ElementBits] switch { 32 => 4, 16 => 2, _ => 1 };
        long buffer = i[Field.Images] * i[Field.Rows] * i[Field.Columns] * i[Field.ChannelGroups] * 8 * slot;
        return Math.Max(Channel(BurstBytes(i, _arch.DramBurstBytes)),
            Up(buffer, i.Opcode == Opcode.Load ? _arch.LoadPortBytesPerCycle : _arch.StorePortBytesPerCycle));
    }

    /// <summary>Burst bytes of a transfer: every run is visited.</summary>
    public static long BurstBytes(Instruction i, long burst)
    {
        long pixel = i[Field.ChannelGroups] * i[Field.ElementBits];
        long row = i[Field.Columns] * pixel;
        long image = i[Field.Rows] * row;
        bool denseRow = i[Field.Columns] == 1 || i[Field.DramPixelPitch] == pixel;
        bool denseImage = denseRow && (i[Field.Rows] == 1 || i[Field.DramRowPitch] == row);
        bool denseAll = denseImage && (i[Field.Images] == 1 || i[Field.DramImagePitch] == image);
        if (denseAll)
            return Bursts(i[Field.DramAddress], i[Field.Images] * image, burst);
        long sum = 0;
        for (long n = 0; n < i[Field.Images]; n++)
        {
            long atImage = i[Field.DramAddress] + n * i[Field.DramImagePitch];
            sum += denseImage ? Bursts(atImage, image, burst) : 0;
            for (long y = 0; y < i[Field.Rows] && !denseImage; y++)
            {
                long atRow = atImage + y * i[Field.DramRowPitch];
                sum += denseRow ? Bursts(atRow, row, burst) : 0;
                for (long x = 0; x < i[Field.Columns] && !denseRow; x++)
                    sum += Bursts(atRow + x * i[Field.DramPixelPitch], pixel, burst);
            }
        }

        return sum;
    }

    private static long Bursts(long address, long bytes, long burst) => (Up(address + bytes, burst) - address / burst) * burst;

    private long Channel(long bytes) => (long)decimal.Ceiling((decimal)bytes * _arch.ClockHz / _arch.DramBytesPerSecond);

    private static long Up(long a, long b) => a / b + (a % b == 0 ? 0 : 1);

    private long BlockBytes(Instruction i)
    {
        if (i.Opcode == Opcode.Lut)
            return 256;
        Span<byte> block = _tables.AsSpan((int)i[Field.Constants]);
        int multipliers = BinaryPrimitives.ReadInt32LittleEndian(block[4..]);
        return 24 + ((block[1] & 4) != 0 ? 24 : 0) + Up(4 * multipliers, 8) * 8 + ((block[1] & 2) != 0 ? 8 * i[Field.Channels] : 0);
    }

    private long ComputeCycles(Instruction i)
    {
        long a = _arch.Rows, b = _arch.Columns;
        long pixels = i.Definition.IndexOf(Field.Rows) < 0
            ? i.Definition.IndexOf(Field.Images) < 0 ? 0
            : i[Field.Images] : i[Field.Images] * i[Field.Rows] * i[Field.Columns];
        long taps = i.Definition.IndexOf(Field.KernelRows) < 0 ? 1 : i[Field.KernelRows] * i[Field.KernelColumns];
        switch (i.Opcode)
        {
            case Opcode.MatMul:
                long side = i[Field.UnrollColumns];
                return a + Up(i[Field.Channels], b / side) * Up(side * i[Field.SrcChannels], a) * Math.Max(Up(pixels, side), a) + b - 1;
            case Opcode.Conv:
                long group = i[Field.Channels] / i[Field.Groups];
                return a + i[Field.Groups] * Up(group, b / (i[Field.UnrollRows] * i[Field.UnrollColumns]))
                    * Up(Positions(i) * i[Field.SrcChannels], a) * Math.Max(Blocks(i), a) + b - 1;
            case Opcode.Depthwise:
                long d = _arch.DepthwiseMapping == DepthwiseMapping.OneChannel
                    ? 1
                    : Math.Max(1, Math.Min(a / Positions(i), b / (i[Field.Multiplier] * i[Field.UnrollRows] * i[Field.UnrollColumns])));
                return a + Up(Up(i[Field.Channels], i[Field.Multiplier]), d) * Up(Positions(i), a) * Math.Max(Blocks(i), a) + b - 1;
            case Opcode.Vector or Opcode.Lut:
                return Up(pixels * i[Field.Channels], b);
            case Opcode.Pool:
                return Up(pixels * i[Field.Channels] * taps, b);
            case Opcode.Host:
                return _arch.HostCyclesPerElement * pixels * i[Field.Channels];
            default:
                return 1;
        }
    }

    private static long Blocks(Instruction i) =>
        i[Field.Images] * Up(i[Field.Rows], i[Field.UnrollRows]) * Up(i[Field.Columns], i[Field.UnrollColumns]);

    // The positions of a block's windows, one by one.
    private static long Positions(Instruction i)
    {
        HashSet<(long, long)> positions = [];
        for (long y = 0; y < i[Field.UnrollRows]; y++)
        {
            for (long x = 0; x < i[Field.UnrollColumns]; x++)
            {
                for (long r = 0; r < i[Field.KernelRows]; r++)
                {
                    for (long s = 0; s < i[Field.KernelColumns]; s++)
                        positions.Add((y * i[Field.StrideY] + r * i[Field.DilationY], x * i[Field.StrideX] + s * i[Field.DilationX]));
                }
            }
        }

        return positions.Count;
    }
}

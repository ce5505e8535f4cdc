using System.Buffers.Binary;
using Ebsp.Emulator.Literal;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests;

/// <summary>Builds small programs: the whole buffer comes from the weights region in the first LOAD, then follow the instructions under
/// test.</summary>
internal sealed class TileProgram
{
    public const int BufferBytes = 1 << 17;

    public static readonly ArchSpec Arch = ArchPresets.Default with
    {
        Name = "test", Rows = 16, Columns = 16, PatternLength = 4, BufferBytes = BufferBytes, PsumBytes = 1 << 16, QueueDepth = 4,
    };

    private readonly byte[] _image = new byte[BufferBytes];
    private readonly List<byte> _tables = [];
    private readonly Random _random;
    private int _next;

    public TileProgram(int seed)
    {
        _random = new Random(seed);
        // What nobody declared is garbage: padding channels, gaps between rows, results that are to be overwritten.
        _random.NextBytes(_image);
    }

    public List<Instruction> Code { get; } = [];

    public Random Random => _random;

    public long OutputBytes { get; set; } = 1 << 14;

    public int Allocate(long bytes)
    {
        int at = _next;
        _next += (int)((bytes + 7) / 8 * 8);
        Assert.IsLessThanOrEqualTo(BufferBytes, _next, "the test asks for more buffer than there is");
        return at;
    }

    public Span<byte> At(long address) => _image.AsSpan((int)address);

    public int AddTable(byte[] bytes)
    {
        int at = _tables.Count;
        _tables.AddRange(bytes);
        while (_tables.Count % 8 != 0)
            _tables.Add(0);
        return at;
    }

    /// <summary>A feature map at a place of its own with random pitches; its elements are random values of the format.</summary>
    public TensorOperand Tensor(PatternFormat format, int images, int rows, int columns, int channels)
    {
        TensorOperand tensor = Place(format, images, rows, columns, channels);
        for (int n = 0; n < images; n++)
        {
            for (int y = 0; y < rows; y++)
            {
                for (int x = 0; x < columns; x++)
                {
                    for (int c = 0; c < channels; c++)
                        Slots.Write(_image, tensor, n, y, x, c, Value(format));
                }
            }
        }

        return tensor;
    }

    public TensorOperand Place(PatternFormat format, int images, int rows, int columns, int channels)
    {
        long pixel = TensorOperand.PixelBytes(channels, format) + 8 * Gap();
        long row = pixel * columns + 8 * Gap();
        long image = row * rows + 8 * Gap();
        return new TensorOperand(Allocate(image * images), format, pixel, row, image);

        int Gap() => _random.Next(3) == 0 ? _random.Next(3) : 0;
    }

    public int Value(PatternFormat format)
    {
        if (format.Bits > 8)
            return _random.Next(4) == 0
                ? (_random.Next(2) == 0 ? format.MaxMagnitude : -format.MaxMagnitude)
                : (int)_random.NextInt64(format.MinValue, (long)format.MaxMagnitude + 1);
        while (true)
        {
            int value = _random.Next(format.MinValue, format.MaxMagnitude + 1);
            if (format.Contains(value))
                return value;
        }
    }

    /// <summary>Random weights as bit streams in the buffer, one a channel, each from a byte on; returns their values in the order of the
    /// streams.</summary>
    public int[] Weights(int channels, int reduction, PatternFormat format, bool plain, out int address)
    {
        int count = channels * reduction;
        int bits = plain ? format.Bits : WeightCode.Bits(format);
        int channelBytes = (reduction * bits + 7) / 8;
        address = Allocate(channels * channelBytes);
        Span<byte> stream = At(address);
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Value(format);
            int code = plain ? SlotCode.Encode(values[i], format) : WeightCode.Encode(values[i], format);
            for (int bit = 0; bit < bits; bit++)
            {
                int position = i / reduction * channelBytes * 8 + i % reduction * bits + bit;
                stream[position / 8] = (byte)(stream[position / 8] & ~(1 << position % 8) | (code >> bit & 1) << position % 8);
            }
        }

        return values;
    }

    public int[] Biases(int count, out int address)
    {
        address = Allocate(4L * count);
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = _random.Next(int.MinValue, int.MaxValue);
            BinaryPrimitives.WriteInt32LittleEndian(At(address + 4 * i), values[i]);
        }

        return values;
    }

    public static Instruction Make(Opcode opcode, params (Field Field, long Value)[] fields)
    {
        Instruction instruction = new(opcode);
        foreach ((Field field, long value) in fields)
            instruction[field] = value;
        return instruction;
    }

    public Instruction Add(Opcode opcode, params (Field Field, long Value)[] fields)
    {
        Instruction instruction = Make(opcode, fields);
        Code.Add(instruction);
        return instruction;
    }

    /// <summary>The LOAD that fills the whole buffer from the weights region.</summary>
    public static Instruction LoadBuffer() => Make(Opcode.Load,
        (Field.DramRegion, (long)Region.Weights), (Field.ElementBits, 8), (Field.Images, 1), (Field.Rows, 1), (Field.Columns, 1),
            (Field.ChannelGroups, BufferBytes / 8));

    public EbspProgram Build(bool loadBuffer = true, ProgramIo? io = null, ArchSpec? arch = null)
    {
        List<Instruction> code = [.. Code, new Instruction(Opcode.End)];
        if (loadBuffer)
            code.Insert(0, LoadBuffer());
        return new EbspProgram
        {
            Arch = arch ?? Arch,
            Io = io ?? new ProgramIo(1, new ProgramInput("x", 1, 8, 8, 1, PatternFormat.Window(8, 4, false), 1, [.. new short[256]], false),
                new ProgramOutput("y", 10, 1, 1, 1, 0), []),
            HostSteps = [new HostStep(HostStepKind.Reorder, "flatten"), new HostStep(HostStepKind.LocalResponse, "norm")],
            Code = [.. code],
            Weights = _image,
            Tables = _tables.ToArray(),
            Regions = new RegionSizes(1 << 14, OutputBytes, 1 << 14),
            Layers = LayerMap.Empty(code.Count),
            Provenance = new Provenance(new string('0', 64), "", "test"),
        };
    }
}

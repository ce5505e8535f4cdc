using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ebsp.Emulator;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Benchmarks;

/// <summary>Single CONV tiles with and without the VECTOR after them, on every engine, beside the 256-bit VNNI limit measured in the same
/// rounds.</summary>
internal static unsafe class TileBenchmark
{
    private const int Repeats = 16;
    private const int Rounds = 300;

    private static readonly (string Name, int Kernel, int Size, int In, int Out)[] Tiles =
    [
        ("3x3 16->16 32x32", 3, 32, 16, 16), ("3x3 32->32 16x16", 3, 16, 32, 32), ("3x3 64->64 8x8", 3, 8, 64, 64),
        ("3x3 6->16 32x32", 3, 32, 6, 16), ("1x1 64->64 16x16", 1, 16, 64, 64), ("3x3 64->64 28x28", 3, 28, 64, 64),
    ];

    public static int Run()
    {
        Console.WriteLine(Benchmarks.Rounds.Machine());
        Console.WriteLine("  share of the limit: conv alone, conv and requantize; GMAC/s of the second");
        foreach ((string name, int kernel, int size, int input, int output) in Tiles)
        {
            long macs = (long)kernel * kernel * size * size * input * output * Repeats;
            List<(string Engine, Machine Conv, Machine Both)> engines = [];
            foreach (MachineOptions options in Options())
            {
                EbspProgram conv = Program(kernel, size, input, output, requantize: false),
                    both = Program(kernel, size, input, output, requantize: true);
                engines.Add((options.Engine == EngineKind.Literal ? "Literal" : options.Tier.ToString()!, new Machine(conv, options),
                    new Machine(both, options)));
            }

            double limit = double.MaxValue;
            double[] alone = new double[engines.Count], together = new double[engines.Count];
            Array.Fill(alone, double.MaxValue);
            Array.Fill(together, double.MaxValue);
            for (int round = 0; round < Rounds; round++)
            {
                limit = Math.Min(limit, Seconds(() => VnniLimit(20_000)) / (20_000 * 12 * 32.0));
                for (int i = 0; i < engines.Count; i++)
                {
                    if (round >= 10 && engines[i].Engine is "Literal" or "Scalar")
                        continue;
                    alone[i] = Math.Min(alone[i], Seconds(() => engines[i].Conv.Run()) / macs);
                    together[i] = Math.Min(together[i], Seconds(() => engines[i].Both.Run()) / macs);
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: limit {1e-9 / limit:F1} GMAC/s"));
            for (int i = 0; i < engines.Count; i++)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {engines[i].Engine,-10} {limit / alone[i],6:F3} {limit / together[i],6:F3} {1e-9 / together[i],8:F2}"));
        }

        return 0;
    }

    private static IEnumerable<MachineOptions> Options()
    {
        if (AvxVnni.IsSupported)
            yield return new MachineOptions { Tier = KernelTier.AvxVnni };
        if (Avx2.IsSupported)
            yield return new MachineOptions { Tier = KernelTier.Avx2 };
        yield return new MachineOptions { Tier = KernelTier.Vector128 };
        yield return new MachineOptions { Tier = KernelTier.Scalar };
        yield return new MachineOptions { Engine = EngineKind.Literal };
    }

    private static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Twelve independent chains of vpdpbusd, 32 products each.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // Inlined, an unused result would remove the loop.
    internal static int VnniLimit(int iterations)
    {
        if (!AvxVnni.IsSupported)
            return 0;
        Vector256<byte> a = Vector256.Create((byte)3);
        Vector256<sbyte> w = Vector256.Create((sbyte)5);
        // Chains that start alike would be computed once.
        Vector256<int> s0 = Vector256.Create(iterations), s1 = s0 + s0, s2 = s1 + s0, s3 = s2 + s0, s4 = s3 + s0, s5 = s4 + s0;
        Vector256<int> s6 = s5 + s0, s7 = s6 + s0, s8 = s7 + s0, s9 = s8 + s0, s10 = s9 + s0, s11 = s10 + s0;
        for (int i = 0; i < iterations; i++)
        {
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, a, w);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, a, w);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, a, w);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, a, w);
            s4 = AvxVnni.MultiplyWideningAndAdd(s4, a, w);
            s5 = AvxVnni.MultiplyWideningAndAdd(s5, a, w);
            s6 = AvxVnni.MultiplyWideningAndAdd(s6, a, w);
            s7 = AvxVnni.MultiplyWideningAndAdd(s7, a, w);
            s8 = AvxVnni.MultiplyWideningAndAdd(s8, a, w);
            s9 = AvxVnni.MultiplyWideningAndAdd(s9, a, w);
            s10 = AvxVnni.MultiplyWideningAndAdd(s10, a, w);
            s11 = AvxVnni.MultiplyWideningAndAdd(s11, a, w);
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + (s6 + s7 + s8 + s9 + s10 + s11));
    }

    // The tile Repeats times, so that the run's fixed cost does not count.
    private static EbspProgram Program(int kernel, int size, int input, int output, bool requantize)
    {
        PatternFormat format = PatternFormat.Window(6, 3, signed: false), weightFormat = PatternFormat.Window(6, 3, signed: true);
        Random random = new(1);
        int channelBytes = (kernel * kernel * input * 5 + 7) / 8;
        byte[] codes = new byte[(output * channelBytes + 7) / 8 * 8];
        for (int k = 0; k < output; k++)
        {
            for (int i = 0; i < kernel * kernel * input; i++)
            {
                // Indices 1..14 of the 16 magnitudes, and a sign.
                int code = random.Next(1, 15) | random.Next(2) << 4;
                for (int bit = 0; bit < 5; bit++)
                    codes[k * channelBytes + (i * 5 + bit) / 8] |= (byte)((code >> bit & 1) << ((i * 5 + bit) % 8));
            }
        }

        VectorConstants constants =
            new(20, 0, 63, 0, [.. Enumerable.Repeat(1 << 10, output)], true, [.. Enumerable.Repeat(12345L, output)], null);
        TensorOperand source = TensorOperand.Dense(1 << 20, format, size, size, input),
            target = TensorOperand.Dense(2 << 20, format, size, size, output);
        TensorOperand psum = TensorOperand.Dense(0, PatternFormat.Int32, size, size, output);
        Instruction load = Make(Opcode.Load, (Field.DramRegion, 0), (Field.ElementBits, 8), (Field.ChannelGroups, codes.Length / 8));
        int pad = kernel / 2;
        Instruction conv = Make(Opcode.Conv, (Field.KernelRows, kernel), (Field.KernelColumns, kernel), (Field.PadTop, pad),
            (Field.PadLeft, pad), (Field.SrcRows, size), (Field.SrcColumns, size),
            (Field.Images, 1), (Field.Rows, size), (Field.Columns, size), (Field.Channels, output), (Field.SrcChannels, input),
                (Field.WeightFormat, FormatField.Encode(weightFormat)));
        source.Write(conv, Field.SrcAddress);
        Instruction vector = Make(Opcode.Vector, (Field.Rows, size), (Field.Columns, size), (Field.Channels, output), (Field.SrcSpace, 1));
        psum.Write(vector, Field.SrcAddress);
        target.Write(vector, Field.DstAddress);
        Instruction[] body = requantize ? [conv, vector] : [conv];
        return new EbspProgram
        {
            Arch = ArchPresets.Default,
            Io = new ProgramIo(1, new ProgramInput("x", 1, 1, 1, 1, format, 1, [.. new short[256]], false),
                new ProgramOutput("y", 1, 1, 1, 1, 0), []),
            Code = [load, .. Enumerable.Repeat(body, Repeats).SelectMany(i => i), new Instruction(Opcode.End)],
            Weights = codes,
            Tables = constants.Encode(),
            Regions = new RegionSizes(0, 0, 0),
            Layers = LayerMap.Empty(0),
            Provenance = new Provenance(new string('0', 64), "", ""),
        };
    }

    private static Instruction Make(Opcode opcode, params (Field Field, long Value)[] fields)
    {
        Instruction instruction = new(opcode);
        foreach ((Field field, long value) in fields)
            instruction[field] = value;
        return instruction;
    }
}

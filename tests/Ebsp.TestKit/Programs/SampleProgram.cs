using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.TestKit.Programs;

/// <summary>A small valid program with every instruction in it, written by hand: it runs to its end on the 16 x 16 machine.</summary>
public static class SampleProgram
{
    /// <summary>Bytes of the file.</summary>
    public const int FileBytes = 65_536;

    private const int Batch = 2;
    private const int Classes = 10;

    private static readonly PatternFormat Activations = PatternFormat.Window(6, 3, signed: false);
    private static readonly PatternFormat Weights = PatternFormat.Window(6, 3, signed: true);

    /// <summary>The program.</summary>
    public static EbspProgram Program { get; } = Padded();

    /// <summary>A copy of its file, exactly 64 KiB.</summary>
    public static byte[] File() => ProgramWriter.Write(Program);

    // The file is as long as its sections make it, so the options fill the last 64 bytes and the weights the rest.
    private static EbspProgram Padded()
    {
        EbspProgram program = Build(1600, "");
        int length = ProgramWriter.Write(program).Length;
        int options = (64 - length % 64) % 64;
        return Build(1600 + FileBytes - length - options, new string('x', options));
    }

    private static EbspProgram Build(int weightBytes, string options)
    {
        Random random = new(5);
        byte[] weights = new byte[weightBytes];
        random.NextBytes(weights);
        Pack(weights, 0, 16, 54, packed: true, random);      // conv: 16 channels of 34 bytes
        Biases(weights, 544, 16, random);
        Pack(weights, 608, 16, 9, packed: true, random);     // depthwise: 16 channels of 6 bytes
        Biases(weights, 704, 16, random);
        Pack(weights, 768, 10, 64, packed: true, random);    // matmul: 10 channels of 40 bytes
        Pack(weights, 1168, 10, 16, packed: false, random);  // matmul, continued: 10 channels of 12 bytes
        Pack(weights, 1288, 16, 8, packed: true, random);    // conv in 2 groups: 16 channels of 5 bytes

        List<byte> tables = [];
        int perChannel = Block(tables,
            new VectorConstants(16, 0, 31, 0, [.. Enumerable.Range(1, 16).Select(i => i * 100)], true,
            [.. Enumerable.Range(0, 16).Select(i => i * 50L)], null));
        int plain = Block(tables, new VectorConstants(12, 0, 255, 0, [64], false, [], null));
        int add = Block(tables, new VectorConstants(10, 0, 63, 900, [300], false, [], null));
        int average = Block(tables,
            new VectorConstants(20, 0, 63, 0, [1 << 20, 1 << 19, 349_525, 1 << 18], false, [], new CountedKernel(2, 2, 2, 2, 0, 0, 2, 2)));
        int product = Block(tables, new VectorConstants(4, -32_767, 32_767, 0, [40], false, [], null));
        int term = Block(tables, new VectorConstants(1, 0, 63, 0, [2], false, [], null));
        int scores = Block(tables, new VectorConstants(1, -int.MaxValue, int.MaxValue, 0, [2], false, [], null));
        int response = Response(tables);
        int lut = tables.Count;
        for (int entry = 0; entry < 256; entry++)
            tables.Add((byte)Projection.Project(63 - entry / 4, Activations));

        string listing = string.Create(CultureInfo.InvariantCulture, $"""
            load region=input bits=6 images=2 rows=8 columns=8 groups=1 dpixel=6 drow=48 dimage=384 bpixel=8 brow=64 bimage=512 signal=1
            load region=weights bits=8 groups=176 buffer=0x400 signal=2
            mark unit=array label=1
            conv wait0=1 until0=1 wait1=2 until1=1 signal=3 src=0x0 srcformat=u6(3) srcpixel=8 srcrow=64 srcimage=512 srcrows=8 srccolumns=8 kernelrows=3 kernelcolumns=3 stridey=1 stridex=1 dilationy=1 dilationx=1 padtop=1 padleft=1 images=2 rows=8 columns=8 channels=16 srcchannels=6 groups=1 weights=0x400 weightformat=s6(3) coding=index start=bias bias=0x620 psum=0x0
            vector wait0=3 until0=1 signal=4 space=psum src=0x0 srcformat=s32 srcpixel=64 srcrow=512 srcimage=4096 dst=0x1000 dstformat=u6(3) dstpixel=16 dstrow=128 dstimage=1024 images=2 rows=8 columns=8 channels=16 constants=0x{perChannel:X}
            depthwise wait0=4 until0=1 signal=3 src=0x1000 srcformat=u6(3) srcpixel=16 srcrow=128 srcimage=1024 srcrows=8 srccolumns=8 kernelrows=3 kernelcolumns=3 stridey=2 stridex=2 dilationy=1 dilationx=1 padtop=1 padleft=1 images=2 rows=4 columns=4 channels=16 multiplier=1 weights=0x660 weightformat=s6(3) start=bias bias=0x6C0 psum=0x2000
            vector wait0=3 until0=2 signal=4 space=psum src=0x2000 srcformat=s32 srcpixel=64 srcrow=256 srcimage=1024 dst=0x1800 dstformat=u8 dstpixel=16 dstrow=64 dstimage=256 images=2 rows=4 columns=4 channels=16 constants=0x{plain:X}
            vector signal=4 src=0x1800 srcformat=u8 srcpixel=16 srcrow=64 srcimage=256 add=0x1000 addformat=u6(3) addpixel=32 addrow=256 addimage=1024 addfirst=0 addgroups=2 dst=0x1A00 dstformat=u6(3) dstpixel=16 dstrow=64 dstimage=256 images=2 rows=4 columns=4 channels=16 constants=0x{add:X}
            conv wait0=4 until0=3 signal=3 src=0x1A00 srcformat=u6(3) srcpixel=16 srcrow=64 srcimage=256 srcrows=4 srccolumns=4 kernelrows=1 kernelcolumns=1 images=2 rows=4 columns=4 channels=16 srcchannels=8 groups=2 weights=0x908 weightformat=s6(3) psum=0x2900
            lut signal=4 src=0x1A00 srcformat=u6(3) srcpixel=16 srcrow=64 srcimage=256 dst=0x1C00 dstformat=u6(3) dstpixel=16 dstrow=64 dstimage=256 images=2 rows=4 columns=4 channels=16 constants=0x{lut:X}
            pool wait0=4 until0=4 signal=5 mode=max src=0x1C00 srcformat=u6(3) srcpixel=16 srcrow=64 srcimage=256 srcrows=4 srccolumns=4 kernelrows=3 kernelcolumns=3 stridey=2 stridex=2 padtop=1 padleft=1 dst=0x1E00 dstformat=u6(3) dstpixel=16 dstrow=32 dstimage=64 images=2 rows=2 columns=2 channels=16
            pool signal=5 mode=sum src=0x1E00 srcformat=u6(3) srcpixel=16 srcrow=32 srcimage=64 srcrows=2 srccolumns=2 kernelrows=2 kernelcolumns=2 stridey=2 stridex=2 dst=0x2800 dstformat=s32 dstpixel=64 dstrow=64 dstimage=64 images=2 channels=16
            vector wait0=5 until0=2 signal=4 space=psum src=0x2800 srcformat=s32 srcpixel=64 srcrow=64 srcimage=64 dst=0x1E80 dstformat=u6(3) dstpixel=16 dstrow=16 dstimage=16 images=2 channels=16 constants=0x{average:X}
            vector signal=4 mode=product src=0x1E80 srcformat=u6(3) srcpixel=16 srcrow=16 srcimage=16 add=0x1E80 addformat=u6(3) addpixel=16 addrow=16 addimage=16 addgroups=2 dst=0x1EA0 dstformat=s16 dstpixel=32 dstrow=32 dstimage=32 images=2 channels=16 constants=0x{product:X}
            vector signal=4 term=second src=0x1E80 srcformat=u6(3) srcpixel=16 srcrow=16 srcimage=16 dst=0x1EE0 dstformat=u6(3) dstpixel=16 dstrow=16 dstimage=16 images=2 channels=16 constants=0x{term:X}
            host wait0=5 until0=1 signal=6 step=0 src=0x1E00 srcformat=u6(3) srcpixel=16 srcrow=32 srcimage=64 srcrows=2 srccolumns=2 srcchannels=16 dst=0x1F00 dstformat=u6(3) dstpixel=64 dstrow=64 dstimage=64 images=2 channels=64
            host wait0=4 until0=6 step=1 src=0x1E80 srcformat=u6(3) srcpixel=16 srcrow=16 srcimage=16 srcchannels=16 dst=0x3100 dstformat=u6(3) dstpixel=16 dstrow=16 dstimage=16 images=2 channels=16 constants=0x{response:X}
            matmul wait0=6 until0=1 signal=3 src=0x1F00 srcformat=u6(3) srcimage=64 images=2 srcchannels=64 channels=10 weights=0x700 weightformat=s6(3) psum=0x3200
            matmul wait0=4 until0=7 signal=3 src=0x1E80 srcformat=u6(3) srcimage=16 images=2 srcchannels=16 channels=10 weights=0x890 weightformat=s6(3) coding=plain start=accumulate psum=0x3200
            sync unit=vector wait0=3 until0=5 wait1=6 until1=1 wait2=5 until2=2
            vector signal=4 space=psum src=0x3200 srcformat=s32 srcpixel=64 srcrow=64 srcimage=64 dst=0x2000 dstformat=s32 dstpixel=64 dstrow=64 dstimage=64 images=2 channels=10 constants=0x{scores:X}
            store wait0=4 until0=8 signal=7 region=output bits=32 images=2 groups=2 dimage=64 buffer=0x2000 bimage=64
            store signal=7 region=arena bits=6 images=2 rows=8 columns=8 groups=2 dpixel=12 drow=96 dimage=768 buffer=0x1000 bpixel=16 brow=128 bimage=1024
            load wait0=7 until0=2 signal=1 region=arena bits=6 images=2 rows=8 columns=8 groups=2 dpixel=12 drow=96 dimage=768 buffer=0x2800 bpixel=16 brow=128 bimage=1024
            load region=tables bits=8 groups=4 buffer=0x3000
            nop unit=pool wait0=7 until0=1
            perf unit=load label=7
            end
            """);
        ImmutableArray<Instruction> code = [.. Assembler.Assemble(listing)];
        return new EbspProgram
        {
            Arch = ArchPresets.Find("small-16")!,
            Io = new ProgramIo(
                Batch,
                new ProgramInput("image", 3, 8, 8, 2, Activations, 1 / 63.0,
                    [.. Enumerable.Range(0, 3 * 256).Select(i => (short)(i % 256 / 4))], ReverseChannels: true),
                new ProgramOutput("scores", Classes, 1, 1, 0.01, 2),
                [.. Enumerable.Range(0, Classes).Select(i => string.Create(CultureInfo.InvariantCulture, $"class {i}"))]),
            HostSteps = [new HostStep(HostStepKind.Reorder, "flatten"), new HostStep(HostStepKind.LocalResponse, "norm")],
            Code = code,
            Weights = weights,
            Tables = tables.ToArray(),
            Regions = new RegionSizes(768, 128, 1536),
            Symbols = ["load", "layers"],
            Layers = Map(code),
            Model = new byte[] { 1, 2, 3, 4, 5, 6, 7 },
            Provenance = new Provenance(new string('a', 64), "--batch 2 " + options, "0.1.0"),
        };
    }

    private static LayerMap Map(ImmutableArray<Instruction> code)
    {
        (string Layer, int Channels, int Extent, PatternFormat Format)[] tensors =
        [
            ("conv1", 16, 8, PatternFormat.Int32), ("conv1.relu", 16, 8, Activations), ("dw", 16, 4, PatternFormat.Int32),
                ("fc", Classes, 1, PatternFormat.Int32),
        ];
        int second = code.ToList().FindLastIndex(i => i.Opcode == Opcode.MatMul);
        return new LayerMap(
            [.. tensors.Select(t => t.Layer)],
            [.. code.Select((_, index) => index is 0 or 1 ? -1 : Math.Min(index / 6, 3))],
            [.. tensors.Select(t => new MappedTensor(t.Layer, t.Channels, t.Extent, t.Extent, t.Format))],
            [new MappedTile(3, 0, 0, 0, 0, 0), new MappedTile(4, 1, 0, 0, 0, 0), new MappedTile(5, 2, 0, 0, 0, 0),
                new MappedTile(second, 3, 0, 0, 0, 0)]);
    }

    private static int Block(List<byte> tables, VectorConstants constants)
    {
        tables.AddRange(constants.Encode());
        return tables.Count - constants.SizeBytes;
    }

    // Factors that fall from 1 on, over sums of squares of five values of the activations' format.
    private static int Response(List<byte> tables)
    {
        int[] factors = new int[LocalResponse.Entries(LocalResponse.LargestSum(5, Activations))];
        for (int i = 0; i < factors.Length; i++)
            factors[i] = (int)((1 << 20) / (1 + LocalResponse.SumAt(i) / 256));
        ResponseConstants constants = new(20, 5, 0, 63, factors);
        tables.AddRange(constants.Encode());
        return tables.Count - constants.SizeBytes;
    }

    private static void Pack(byte[] weights, int at, int channels, int taps, bool packed, Random random)
    {
        int[] values = [.. Weights.Values()];
        int bits = packed ? WeightCode.Bits(Weights) : Weights.Bits;
        int stride = (taps * bits + 7) / 8;
        weights.AsSpan(at, channels * stride).Clear();
        for (int channel = 0; channel < channels; channel++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                int value = values[random.Next(values.Length)];
                int code = packed ? WeightCode.Encode(value, Weights) : SlotCode.Encode(value, Weights);
                for (int bit = 0; bit < bits; bit++)
                    weights[at + channel * stride + (tap * bits + bit) / 8] |= (byte)((code >> bit & 1) << ((tap * bits + bit) % 8));
            }
        }
    }

    private static void Biases(byte[] weights, int at, int channels, Random random)
    {
        for (int channel = 0; channel < channels; channel++)
            BitConverter.TryWriteBytes(weights.AsSpan(at + 4 * channel), random.Next(-500, 500));
    }
}

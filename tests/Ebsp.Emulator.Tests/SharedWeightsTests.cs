using Ebsp.Emulator.Fast;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests;

/// <summary>Unpacked weights: where they come from, when they are shared, and what happens when the buffer holds others.</summary>
[TestClass]
public sealed class SharedWeightsTests
{
    private const int Rows = 3, Inner = 37, Columns = 21;

    private static readonly PatternFormat Format = PatternFormat.Window(6, 3, true);

    private static TensorOperand At0 => TensorOperand.Dense(0, Format, 1, 1, 64);

    [TestMethod]
    [DataRow(0x2000L, 0x4000L, 0x2000L, 0x4000L, 0x3FF0L, 0x3FF0L, DisplayName = "pieces that follow one another in the region too")]
    [DataRow(0x4000L, 0x2000L, 0x4000L, 0x2000L, 0x3FF0L, 0x3FF0L, DisplayName = "the same, the second one first")]
    [DataRow(0x2000L, 0x4000L, 0x4000L, 0x2000L, 0x3FF0L, -1L, DisplayName = "pieces that change places")]
    [DataRow(0x2000L, 0x3000L, 0x2000L, 0x5000L, 0x2F00L, -1L, DisplayName = "one half overwritten, weights across")]
    [DataRow(0x2000L, 0x3000L, 0x2000L, 0x5000L, 0x2100L, 0x2100L, DisplayName = "one half overwritten, weights in the other")]
    [DataRow(0x2000L, 0x3000L, 0x2000L, 0x5000L, 0x3100L, 0x5100L, DisplayName = "one half overwritten, weights in the new one")]
    [DataRow(0x2000L, 0x4000L, 0x2000L, 0x4000L, 0x5F00L, -1L, DisplayName = "weights behind what was loaded")]
    public void Sources_TwoLoads_FindTheWeightsThatTheyBring(long buffer0, long buffer1, long dram0, long dram1, long weights, long source)
    {
        TileProgram program = new(1);
        Load(program, buffer0, dram0, 0x400);
        Load(program, buffer1, dram1, 0x400);
        MatMul(program, At0, weights, 64, 16, 0);
        Assert.AreEqual(source, WeightSources.Of(new Machine.Loaded(program.Build(loadBuffer: false), null).Decoded)[2]);
    }

    [TestMethod]
    public void Sources_PieceInTheMiddleOverwritten_LeavesBothEnds()
    {
        TileProgram program = new(1);
        Load(program, 0x2000, 0x2000, 0x300);
        Load(program, 0x2800, 0x9000, 0x100);
        foreach (long weights in (long[])[0x2000, 0x2800, 0x3000, 0x2700])
            MatMul(program, At0, weights, 64, 16, 0);
        CollectionAssert.AreEqual(new[] { -1, -1, 0x2000, 0x9000, 0x3000, -1, -1L },
            WeightSources.Of(new Machine.Loaded(program.Build(loadBuffer: false), null).Decoded));
    }

    // The second LOAD has two rows, so the order of the program does not tell that it brings weights.
    [TestMethod]
    public void Run_BufferHoldsOtherWeightsThanPromised_EqualsLiteral()
    {
        TileProgram program = new(7);
        TensorOperand source = program.Tensor(Format, Rows, 1, 1, Inner);
        int bytes = (Inner * WeightCode.Bits(Format) + 7) / 8 * Columns;
        program.Weights(Columns, Inner, Format, false, out int first);
        program.Weights(Columns, Inner, Format, false, out int second);
        MatMul(program, source, first, Inner, Columns, 0);
        program.Add(Opcode.Load, (Field.DramRegion, (long)Region.Weights), (Field.ElementBits, 8), (Field.Images, 1), (Field.Rows, 2),
            (Field.Columns, 1), (Field.ChannelGroups, bytes / 8 / 2 + 1),
            (Field.DramAddress, second), (Field.BufferAddress, first), (Field.DramRowPitch, bytes / 8 / 2 * 8),
                (Field.BufferRowPitch, bytes / 8 / 2 * 8));
        MatMul(program, source, first, Inner, Columns, 0x2000);
        EbspProgram built = program.Build();
        Runs.AssertAllEqual(built, "overwritten weights");
        Runs.Log log = Runs.Record(built, new MachineOptions(), runs: 3);
        Assert.IsNull(log.Trap);
        CollectionAssert.AreEqual(Runs.Record(built, Runs.Literal).Psums, log.Psums,
            "what a machine keeps from run to run is right in the next one");
        CollectionAssert.AreNotEqual(log.Psums[..(Rows * 24)], log.Psums[0x800..(0x800 + Rows * 24)], "or the test shows nothing");
    }

    [TestMethod]
    [DataRow(Opcode.Conv)]
    [DataRow(Opcode.MatMul)]
    [DataRow(Opcode.Depthwise)]
    public void Run_EightMachinesOfOneProgramAtOnce_EqualLiteralAndShareTheirWeights(Opcode opcode)
    {
        for (int seed = 0; seed < 25; seed++)
        {
            TileProgram program = new(seed);
            Random random = program.Random;
            RandomTiles.Array(program, opcode, 0, 64);
            (int images, int rows, int columns, int channels) = (2, random.Next(1, 6), random.Next(1, 9), random.Next(1, 30));
            RandomTiles.Vector(program, program.Tensor(PatternFormat.Uniform(8, true), images, rows, columns, channels), false, images,
                rows, columns, channels);
            EbspProgram built = program.Build();
            byte[] expected = Runs.Record(built, Runs.Literal).Snapshots[^1].Bytes;
            Machine.Loaded loaded = new(built, new MachineOptions());
            ArrayInstruction array = loaded.Decoded.Instructions.OfType<ArrayInstruction>().Single();
            UnpackedWeights?[] weights = new UnpackedWeights?[8];
            using Barrier start = new(weights.Length);
            Thread[] threads = [.. Enumerable.Range(0, weights.Length).Select(i => new Thread(() =>
            {
                Machine machine = new(loaded);
                Runs.Log log = new();
                machine.Observer = log;
                start.SignalAndWait();
                for (int run = 0; run < 3; run++)
                    machine.Run();
                if (log.Snapshots.Where((_, n) => n % built.Code.Length == built.Code.Length - 1)
                    .All(snapshot => snapshot.Bytes.AsSpan().SequenceEqual(expected)))
                    weights[i] = loaded.Plans!.Of(array).Weights!.Find(log.Snapshots[0].Bytes, array);
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            Assert.IsNotNull(weights[0], $"seed {seed}: a machine beside others gave another result");
            foreach (UnpackedWeights? other in weights)
                Assert.AreSame(weights[0], other, $"seed {seed}");
        }
    }

    // A fold of 73 columns has four whole blocks of sixteen channels and nine channels more; the last one of 512 channels has one.
    [TestMethod]
    [DataRow(73)]
    [DataRow(1)]
    [DataRow(16)]
    public void Panels_AnyNumberOfChannels_TakeOneByteAWeight(int channels)
    {
        TileProgram program = new(5);
        program.Weights(channels, 64, Format, false, out int address);
        MatMul(program, At0, address, 64, channels, 0);
        Machine.Loaded loaded = new(program.Build(), null);
        WeightPanels panels = (WeightPanels)UnpackedWeights.Of(loaded.Program.Weights.Span,
            (ArrayInstruction)loaded.Decoded.Instructions[1]);
        Assert.AreEqual(64 * channels, panels.PlaneBytes);
        Assert.IsLessThanOrEqualTo(panels.PlaneBytes + 64, panels.Panels.Length);
    }

    [TestMethod]
    public void Machine_ProgramOfAFewBytes_TakesNoMoreBufferThanItReaches()
    {
        TileProgram program = new(2);
        Load(program, 0x100, 0, 4);
        MachineState? state = null;
        Machine machine = new(program.Build(loadBuffer: false)) { Observer = new Peek(seen => state = seen) };
        machine.Run();
        Assert.AreEqual(0x120, state!.Bytes(Region.Buffer).Length);
        Assert.AreEqual(0, state.Psums.Length);
    }

    private static void Load(TileProgram program, long buffer, long dram, int groups) =>
        program.Add(Opcode.Load, (Field.DramRegion, (long)Region.Weights), (Field.ElementBits, 8),
        (Field.Images, 1), (Field.Rows, 1), (Field.Columns, 1), (Field.ChannelGroups, groups), (Field.DramAddress, dram),
            (Field.BufferAddress, buffer));

    private static void MatMul(TileProgram program, TensorOperand source, long weights, int inner, int channels, int psum)
    {
        Instruction instruction = program.Add(Opcode.MatMul, (Field.Images, Rows), (Field.Channels, channels), (Field.SrcChannels, inner),
            (Field.WeightAddress, weights), (Field.WeightFormat, FormatField.Encode(Format)), (Field.PsumAddress, psum));
        source.Write(instruction, Field.SrcAddress);
    }

    private sealed class Peek(Action<MachineState> see) : IInstructionObserver
    {
        public void Executed(int instruction, MachineState state) => see(state);
    }
}

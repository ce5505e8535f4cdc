using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests;

[TestClass]
public sealed class MachineTests
{
    [TestMethod]
    public void Run_FlippedTableEntry_ChangesTheLiteralMachineAlone()
    {
        TileProgram program = new(3);
        RandomTiles.Array(program, Opcode.MatMul, 0, 0);
        EbspProgram built = program.Build();
        ProductTable fault = ProductTable.For(4).WithFault(1, 1, 3);
        int[] right = Runs.Record(built, Runs.Literal).Psums;
        CollectionAssert.AreNotEqual(right, Runs.Record(built, Runs.Literal with { Fault = fault }).Psums);
        CollectionAssert.AreEqual(right, Runs.Record(built, new MachineOptions { Fault = fault }).Psums);
    }

    [TestMethod]
    public void Run_CounterThatNobodyRaises_TrapsDeadlock()
    {
        TileProgram program = new(1);
        program.Add(Opcode.Nop, (Field.TargetUnit, (long)Unit.Array), (Field.Wait0Counter, 1), (Field.Wait0Value, 1), (Field.Signal, 2));
        program.Add(Opcode.Nop, (Field.TargetUnit, (long)Unit.Vector), (Field.Wait1Counter, 2), (Field.Wait1Value, 1), (Field.Signal, 1));
        EmulatorTrapException trap = Assert.ThrowsExactly<EmulatorTrapException>(() => new Machine(program.Build()).Run());
        Assert.AreEqual(TrapKind.Deadlock, trap.Kind);
        Assert.AreEqual("EBSP4901", trap.Code);
        Assert.AreEqual(1, trap.Instruction);
        Assert.IsNull(trap.Region);
    }

    [TestMethod]
    public void Run_SignalBehindAFullQueue_TrapsDeadlock()
    {
        // The array's queue fills with instructions that wait, so fetch never reaches the one that would wake them.
        TileProgram program = new(1);
        for (int i = 0; i < TileProgram.Arch.QueueDepth + 1; i++)
            program.Add(Opcode.Nop, (Field.TargetUnit, (long)Unit.Array), (Field.Wait0Counter, 1), (Field.Wait0Value, 1));
        program.Add(Opcode.Nop, (Field.TargetUnit, (long)Unit.Vector), (Field.Signal, 1));
        Assert.AreEqual(TrapKind.Deadlock, Assert.ThrowsExactly<EmulatorTrapException>(() => new Machine(program.Build()).Run()).Kind);
        new Machine(program.Build(arch: TileProgram.Arch with { QueueDepth = 8 })).Run();
    }

    [TestMethod]
    public void Run_SyncOnSixCounters_WaitsForAll()
    {
        TileProgram program = new(1);
        program.Add(Opcode.Sync, (Field.TargetUnit, (long)Unit.Store), (Field.Wait0Counter, 1), (Field.Wait0Value, 1),
            (Field.Wait5Counter, 6), (Field.Wait5Value, 2));
        for (int i = 0; i < 2; i++)
            program.Add(Opcode.Mark, (Field.TargetUnit, (long)Unit.Load), (Field.Signal, 6));
        program.Add(Opcode.Perf, (Field.TargetUnit, (long)Unit.Host), (Field.Signal, 1));
        Runs.Log log = Runs.Record(program.Build(loadBuffer: false), new MachineOptions());
        Assert.IsNull(log.Trap);
        CollectionAssert.AreEqual(new[] { 1, 2, 3, 0, 4 }, log.Snapshots.Select(snapshot => snapshot.Instruction).ToArray());
    }

    [TestMethod]
    public void Run_AnyInterleavingOfASynchronizedProgram_GivesTheSameMemories()
    {
        TileProgram program = new(11);
        // Two chains of array and vector, each behind the load, the vectors reading different banks.
        for (int chain = 0; chain < 2; chain++)
        {
            long psum = chain * (1 << 15);
            Instruction array = RandomTiles.Array(program, Opcode.Conv, 1, psum).Instruction;
            array[Field.Wait0Counter] = 1;
            array[Field.Wait0Value] = 1;
            array[Field.Signal] = 2 + chain;
            (int rows, int columns, int channels, int images) =
                ((int)array[Field.Rows], (int)array[Field.Columns], (int)array[Field.Channels], (int)array[Field.Images]);
            Instruction vector = RandomTiles.Vector(program, TensorOperand.Dense(psum, PatternFormat.Int32, rows, columns, channels), true,
                images, rows, columns, channels);
            vector[Field.Wait0Counter] = 2 + chain;
            vector[Field.Wait0Value] = 1;
        }

        EbspProgram built = program.Build();
        built.Code[0][Field.Signal] = 1;
        byte[] expected = Runs.Record(built, Runs.Literal).Snapshots[^1].Bytes;
        HashSet<string> orders = [];
        for (int seed = 0; seed < 20; seed++)
        {
            Runs.Log log = Runs.Record(built, new MachineOptions { InterleavingSeed = seed });
            Assert.IsNull(log.Trap);
            CollectionAssert.AreEqual(expected, log.Snapshots[^1].Bytes);
            orders.Add(string.Join(' ', log.Snapshots.Select(snapshot => snapshot.Instruction)));
        }

        Assert.IsGreaterThan(1, orders.Count);
    }

    [TestMethod]
    [DataRow(EngineKind.Fast)]
    [DataRow(EngineKind.Literal)]
    public void Run_Twice_StartsFromClearedMemories(EngineKind engine)
    {
        // Sums accumulate on whatever psum memory held, and the second load does not cover what the vector wrote.
        TileProgram program = new(5);
        Instruction array = RandomTiles.Array(program, Opcode.MatMul, 2, 0).Instruction;
        (int images, int channels) = ((int)array[Field.Images], (int)array[Field.Channels]);
        RandomTiles.Vector(program, TensorOperand.Dense(0, PatternFormat.Int32, 1, 1, channels), true, images, 1, 1, channels);
        EbspProgram built = program.Build();
        Runs.Log once = Runs.Record(built, new MachineOptions { Engine = engine });
        Runs.Log thrice = Runs.Record(built, new MachineOptions { Engine = engine }, runs: 3);
        for (int i = 0; i < once.Snapshots.Count; i++)
            CollectionAssert.AreEqual(once.Snapshots[i].Bytes, thrice.Snapshots[i].Bytes);
    }

    [TestMethod]
    [DataRow(EngineKind.Fast)]
    [DataRow(EngineKind.Literal)]
    public void Run_WeightsChangeBetweenRuns_AreSeen(EngineKind engine)
    {
        // The weights come from the input region: the panels of the first run must not be used in the second.
        TileProgram program = new(6);
        TensorOperand source = program.Tensor(PatternFormat.Window(8, 4, false), 1, 1, 1, 8);
        Instruction load = program.Add(Opcode.Load, (Field.DramRegion, (long)Region.Input), (Field.ElementBits, 8),
            (Field.BufferAddress, program.Allocate(8)), (Field.ChannelGroups, 1));
        Instruction array = program.Add(Opcode.MatMul, (Field.SrcChannels, 8), (Field.Channels, 1),
            (Field.WeightFormat, FormatField.Encode(PatternFormat.Window(8, 4, true))),
            (Field.WeightCoding, 1), (Field.WeightAddress, load[Field.BufferAddress]));
        source.Write(array, Field.SrcAddress);
        Machine machine = new(program.Build(), new MachineOptions { Engine = engine });
        Runs.Log log = new();
        machine.Observer = log;
        machine.Run();
        Assert.AreEqual(0, log.Psums[0]);
        machine.Input[3] = 0x81;
        machine.Run();
        Assert.AreEqual(-program.At(source.Address)[3], log.Psums[0]);
    }

    [TestMethod]
    [DataRow(EngineKind.Fast)]
    [DataRow(EngineKind.Literal)]
    public void Run_NegativeZeroInTheSource_TrapsWithItsAddress(EngineKind engine)
    {
        TileProgram program = new(8);
        TensorOperand source = program.Tensor(PatternFormat.Window(6, 3, true), 1, 4, 4, 3);
        int[] weights = program.Weights(2, 3, PatternFormat.Window(6, 3, true), false, out int address);
        Assert.HasCount(6, weights);
        Instruction array = program.Add(Opcode.Conv, (Field.Rows, 4), (Field.Columns, 4), (Field.SrcRows, 4), (Field.SrcColumns, 4),
            (Field.SrcChannels, 3), (Field.Channels, 2),
            (Field.WeightFormat, FormatField.Encode(PatternFormat.Window(6, 3, true))), (Field.WeightAddress, address));
        source.Write(array, Field.SrcAddress);
        long second = source.Address + 2 * source.RowPitch + source.PixelPitch + 1;
        program.At(second)[0] = 0x20;
        program.At(second + source.RowPitch)[0] = 0xFF;
        EmulatorTrapException trap =
            Assert.ThrowsExactly<EmulatorTrapException>(() => new Machine(program.Build(), new MachineOptions { Engine = engine }).Run());
        Assert.AreEqual((TrapKind.OperandFault, 1, Region.Buffer, second, "EBSP4902"),
            (trap.Kind, trap.Instruction, trap.Region!.Value, trap.Address, trap.Code));
    }

    [TestMethod]
    [DataRow(EngineKind.Fast)]
    [DataRow(EngineKind.Literal)]
    public void Run_RangeOutsideTheBuffer_TrapsAddressFault(EngineKind engine)
    {
        TileProgram program = new(8);
        program.Add(Opcode.Load, (Field.DramRegion, (long)Region.Input), (Field.ElementBits, 8),
            (Field.BufferAddress, TileProgram.BufferBytes - 8), (Field.ChannelGroups, 2));
        EmulatorTrapException trap =
            Assert.ThrowsExactly<EmulatorTrapException>(() => new Machine(program.Build(), new MachineOptions { Engine = engine }).Run());
        Assert.AreEqual((TrapKind.AddressFault, 1, Region.Buffer, TileProgram.BufferBytes + 7L, "EBSP4903"),
            (trap.Kind, trap.Instruction, trap.Region!.Value, trap.Address, trap.Code));
    }

    [TestMethod]
    public void Run_Canceled_StopsBetweenInstructions()
    {
        TileProgram program = new(8);
        program.Add(Opcode.Nop, (Field.TargetUnit, (long)Unit.Array));
        using CancellationTokenSource source = new();
        Canceler canceler = new(source);
        Machine machine = new(program.Build()) { Observer = canceler };
        Assert.ThrowsExactly<OperationCanceledException>(() => machine.Run(source.Token));
        Assert.AreEqual(1, canceler.Executions);
    }

    [TestMethod]
    public void ReadScores_OutputTransforms_AreTakenInDouble()
    {
        PatternFormat format = PatternFormat.Window(8, 4, false);
        short[] table = [.. Enumerable.Range(0, 256).Select(pixel => (short)pixel)];
        for (int transform = 0; transform <= OutputTransforms.ArgMax; transform++)
        {
            TileProgram program = new(9);
            ProgramIo io = new(2, new ProgramInput("x", 3, 1, 1, 2, format, 0.5, [.. table, .. table, .. table], true),
                new ProgramOutput("y", 3, 1, 1, 0.25, transform), []);
            // Classes are the sums of the two terms of the input: channels 0..2 and 3..5 lie in one group, so the weights pick both.
            program.Add(Opcode.Load, (Field.DramRegion, (long)Region.Input), (Field.ElementBits, 8), (Field.Images, 2),
                (Field.ChannelGroups, 1), (Field.DramImagePitch, 8), (Field.BufferImagePitch, 8), (Field.BufferAddress, 4096));
            program.At(0)[..18].Clear();
            for (int k = 0; k < 3; k++)
                (program.At(0)[k * 6 + k], program.At(0)[k * 6 + k + 3]) = (1, 1);
            Instruction array = program.Add(Opcode.MatMul, (Field.Images, 2), (Field.SrcChannels, 6), (Field.Channels, 3),
                (Field.WeightFormat, FormatField.Encode(PatternFormat.Window(8, 1, true))), (Field.WeightCoding, 1));
            new TensorOperand(4096, format, 8, 8, 8).Write(array, Field.SrcAddress);
            VectorConstants constants = new(1, int.MinValue + 1, int.MaxValue, 0, [2], false, [], null);
            Instruction vector = program.Add(Opcode.Vector, (Field.Images, 2), (Field.Channels, 3), (Field.SrcSpace, 1),
                (Field.Constants, program.AddTable(constants.Encode())));
            TensorOperand.Dense(0, PatternFormat.Int32, 1, 1, 3).Write(vector, Field.SrcAddress);
            TensorOperand.Dense(8192, PatternFormat.Int32, 1, 1, 3).Write(vector, Field.DstAddress);
            program.Add(Opcode.Store, (Field.DramRegion, (long)Region.Output), (Field.ElementBits, 32), (Field.Images, 2),
                (Field.ChannelGroups, 1), (Field.DramImagePitch, 32), (Field.BufferImagePitch, 32), (Field.BufferAddress, 8192));
            Machine machine = new(program.Build(io: io));
            machine.WriteImage(0, (byte[])[30, 20, 10]);
            machine.WriteImage(1, (float[])[1f, 2f, 3.3f]);
            machine.Run();
            int[] integers = new int[3];
            machine.ReadIntegers(0, integers);
            CollectionAssert.AreEqual(new[] { 10, 20, 30 }, integers);
            machine.ReadIntegers(1, integers);
            CollectionAssert.AreEqual(new[] { 2, 4, 7 }, integers);
            float[] scores = new float[3];
            machine.ReadScores(0, scores);
            double[] expected = transform == 0
                ? [2.5, 5, 7.5]
                : [.. ((double[])[2.5, 5, 7.5]).Select(v => Math.Exp(v) / (Math.Exp(2.5) + Math.Exp(5) + Math.Exp(7.5)))];
            if (transform == OutputTransforms.ArgMax)
            {
                CollectionAssert.AreEqual(new float[] { 0, 0, 1 }, scores);
                continue;
            }

            for (int c = 0; c < 3; c++)
                Assert.AreEqual(transform == 2 ? Math.Log(expected[c]) : expected[c], scores[c], 1e-6);
        }
    }

    private sealed class Canceler(CancellationTokenSource source) : IInstructionObserver
    {
        public int Executions { get; private set; }

        public void Executed(int instruction, MachineState state)
        {
            Executions++;
            source.Cancel();
        }
    }
}

using Ebsp.Emulator.Timing;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Programs;

namespace Ebsp.Emulator.Tests.Models;

[TestClass]
public sealed class EbspModelTests
{
    private static IEnumerable<(string Name, EbspProgram Program)> Programs =>
        [("every instruction, batch 2", SampleProgram.Program), ("linear, batch 1", ModelPrograms.Linear(1)),
            ("linear, batch 4, softmax", ModelPrograms.Linear(4, transform: 1))];

    [TestMethod]
    [DataRow(EngineKind.Fast)]
    [DataRow(EngineKind.Literal)]
    public void Run_AnyNumberOfImages_GivesTheMachinesAnswers(EngineKind engine)
    {
        MachineOptions options = new() { Engine = engine };
        foreach ((string name, EbspProgram program) in Programs)
        {
            TestModel model = new(program, options);
            // From many to few: a rest comes after full batches, whose images must not stay behind it.
            for (int images = 2 * program.Io.Batch + 1; images >= 1; images--)
            {
                string what = $"{name}, {images} images";
                byte[] pixels = ModelRuns.Pixels(program, images, seed: images);
                float[] values = ModelRuns.Values(program, images, seed: images);
                (float[] scores, int[] integers) = ModelRuns.Direct(program, options, pixels);
                CollectionAssert.AreEqual(scores, model.Run(pixels), what);
                CollectionAssert.AreEqual(integers, model.RunIntegers(pixels), what);
                (scores, integers) = ModelRuns.Direct(program, options, values);
                CollectionAssert.AreEqual(scores, model.Run(values), what);
                CollectionAssert.AreEqual(integers, model.RunIntegers(values), what);
            }

            Assert.AreEqual(1, model.Machines.Idle, name);
        }
    }

    [TestMethod]
    public void RunOutputs_OfSeveral_GivesEach()
    {
        EbspProgram program = ModelPrograms.TwoOutputs(2);
        TestModel model = new(program);
        Assert.HasCount(2, model.Outputs);
        byte[] pixels = ModelRuns.Pixels(program, 3, seed: 1);
        float[][] outputs = model.RunOutputs(pixels);
        CollectionAssert.AreEqual(model.Run(pixels), outputs[0]);
        for (int i = 0; i < outputs[0].Length; i++)
            Assert.AreEqual((float)Math.Exp(outputs[0][i]), outputs[1][i]);
        float[] values = ModelRuns.Values(program, 2, seed: 1);
        CollectionAssert.AreEqual(model.RunOutputs(values)[0], model.Run(values));
        Assert.ThrowsExactly<ArgumentException>(() => model.RunOutputs(new byte[4]));
        Assert.HasCount(1, new TestModel(ModelPrograms.Linear(1)).RunOutputs(pixels.AsSpan(0, 3)));
    }

    [TestMethod]
    public void Run_OtherImages_GivesOtherAnswers()
    {
        EbspProgram program = ModelPrograms.Linear(4);
        TestModel model = new(program);
        Assert.IsGreaterThan(6,
            Enumerable.Range(0, 8).Select(seed => string.Join(' ', model.RunIntegers(ModelRuns.Pixels(program, 1, seed)))).Distinct()
            .Count());
    }

    [TestMethod]
    public void Run_RestOfABatch_LeavesTheOtherImagesZero()
    {
        EbspProgram program = ModelPrograms.Linear(4);
        TestModel model = new(program);
        model.Run(ModelRuns.Pixels(program, 4, seed: 1));
        model.Run(ModelRuns.Pixels(program, 1, seed: 1));
        ReadOnlySpan<byte> input = model.Machines.Rent().Input;
        Assert.IsTrue(input[..8].ContainsAnyExcept((byte)0));
        Assert.IsFalse(input[8..].ContainsAnyExcept((byte)0));
    }

    [TestMethod]
    public void Properties_OfAModel_AreTheProgramsOwn()
    {
        EbspProgram program = SampleProgram.Program;
        TestModel model = new(program);
        Assert.AreEqual(program.Io.Batch, model.Batch);
        Assert.AreEqual((program.Io.Input.Name, program.Io.Input.Channels, program.Io.Input.Height, program.Io.Input.Width),
            (model.Input.Name, model.Input.Channels, model.Input.Height, model.Input.Width));
        Assert.AreEqual(program.Io.Output, model.Output);
        CollectionAssert.AreEqual(program.Io.Labels.ToArray(), model.Labels.ToArray());
        Assert.AreEqual(program.Arch, model.Arch);
        TimingReport expected = TimingModel.Run(program);
        Assert.AreEqual((expected.Cycles, expected.Actions.Macs), (model.Timing.Cycles, model.Timing.Actions.Macs));
        CollectionAssert.AreEqual(program.Layers.Layers.ToArray(), model.Timing.Layers.Select(layer => layer.Name).ToArray());
    }

    [TestMethod]
    public void Run_EightThreadsOnOneModel_GiveTheAnswersOfOne()
    {
        const int threads = 8;
        int runs = LongMode.Count(100, 5000);
        foreach ((string name, EbspProgram program) in Programs)
        {
            TestModel model = new(program);
            byte[][] pixels = [.. Enumerable.Range(0, threads).Select(thread => ModelRuns.Pixels(program, thread + 1, thread))];
            float[][] scores = [.. pixels.Select(own => ModelRuns.Direct(program, null, own).Scores)];
            int[][] integers = [.. pixels.Select(own => ModelRuns.Direct(program, null, own).Integers)];
            using Barrier start = new(threads);
            int wrong = 0;
            Thread[] all = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
            {
                start.SignalAndWait();
                for (int run = 0; run < runs; run++)
                {
                    bool same = run % 2 == 0
                        ? model.Run(pixels[thread]).AsSpan().SequenceEqual(scores[thread])
                        : model.RunIntegers(pixels[thread]).AsSpan().SequenceEqual(integers[thread]);
                    if (!same)
                        Interlocked.Increment(ref wrong);
                }
            }))];
            Array.ForEach(all, thread => thread.Start());
            Array.ForEach(all, thread => thread.Join());
            Assert.AreEqual(0, wrong, name);
            int machines = model.Machines.Idle;
            Assert.IsTrue(machines is >= 1 and <= threads, $"{name}: {machines} machines");
            model.Run(pixels[0]);
            Assert.AreEqual(machines, model.Machines.Idle, name);
        }
    }

    [TestMethod]
    public void Run_IntoSpans_AllocatesNothing()
    {
        foreach ((string name, EbspProgram program) in Programs)
        {
            TestModel model = new(program);
            int images = program.Io.Batch + 1;
            byte[] pixels = ModelRuns.Pixels(program, images, seed: 1);
            float[] values = ModelRuns.Values(program, images, seed: 1);
            float[] scores = new float[images * ModelRuns.OutputElements(program)];
            Both(3);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Both(1000);
            // Less than the smallest object a run: the runtime itself may allocate a little when it optimizes a method.
            Assert.IsLessThan(2 * 1000 * 24, GC.GetAllocatedBytesForCurrentThread() - before, name);

            void Both(int runs)
            {
                for (int run = 0; run < runs; run++)
                {
                    model.Run(pixels, scores);
                    model.Run(values, scores);
                }
            }
        }
    }

    [TestMethod]
    public void Run_IntoArrays_AllocatesTheArraysAlone()
    {
        const int runs = 1000;
        EbspProgram program = ModelPrograms.Linear(4);
        TestModel model = new(program);
        byte[] pixels = ModelRuns.Pixels(program, 5, seed: 1);
        model.Run(pixels);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < runs; run++)
            model.Run(pixels);
        // An array of 15 floats takes 88 bytes, any other object 24 or more; the runtime itself may allocate a little when it optimizes a
        // method.
        Assert.IsLessThan(runs * (88 + 24), GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(1, model.Machines.Idle);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(7)]
    public void Run_WrongNumberOfElements_NamesTheExpectedOne(int elements)
    {
        TestModel model = new(ModelPrograms.Linear(4));
        (byte[] pixels, float[] values, float[] scores) = (new byte[elements], new float[elements], new float[3]);
        foreach (Action call in (Action[])
        [
            () => model.Run(pixels), () => model.Run(values), () => model.Run(pixels, scores), () => model.Run(values, scores), () =>
                model.RunIntegers(pixels), () => model.RunIntegers(values),
            () => model.RunAsync(pixels).Dispose(), () => model.RunAsync(values).Dispose(),
        ])
        {
            ArgumentException wrong = Assert.ThrowsExactly<ArgumentException>(call);
            Assert.Contains($"an image has 3 elements ([C][H][W] = 3 x 1 x 1): one or more images are expected, not {elements} elements",
                wrong.Message);
        }

        Assert.AreEqual(0, model.Machines.Idle);
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(7)]
    public void Run_WrongNumberOfScores_NamesTheExpectedOne(int scores)
    {
        TestModel model = new(ModelPrograms.Linear(4));
        Assert.Contains($"the images have 6 scores, not {scores}",
            Assert.ThrowsExactly<ArgumentException>(() => model.Run(new byte[6], new float[scores])).Message);
        Assert.Contains($"the images have 6 scores, not {scores}",
            Assert.ThrowsExactly<ArgumentException>(() => model.Run(new float[6], new float[scores])).Message);
    }

    [TestMethod]
    public void Run_NotANumber_IsRefusedAndTheMachineKept()
    {
        EbspProgram program = ModelPrograms.Linear(4);
        TestModel model = new(program);
        float[] values = ModelRuns.Values(program, 7, seed: 1);
        float[] right = model.Run(values);
        float[] wrong = [.. values];
        wrong[^1] = float.NaN;
        Assert.ThrowsExactly<ArgumentException>(() => model.Run(wrong));
        Assert.AreEqual(1, model.Machines.Idle);
        CollectionAssert.AreEqual(right, model.Run(values));
        CollectionAssert.AreEqual(right[..3], model.Run(values.AsSpan(0, 3)));
    }

    [TestMethod]
    public void Run_Trap_LeavesAndTheMachineIsGivenUp()
    {
        TestModel model = new(ModelPrograms.Trapping());
        for (int run = 0; run < 2; run++)
        {
            Assert.AreEqual(TrapKind.OperandFault, Assert.ThrowsExactly<EmulatorTrapException>(() => model.Run(new byte[3])).Kind);
            Assert.AreEqual(0, model.Machines.Idle);
        }
    }

    [TestMethod]
    public void Constructor_KernelsThatTheHostLacks_AreRefusedAtOnce()
    {
        // A number beyond the tiers is one that no host has.
        MachineOptions options = new() { Tier = (KernelTier)99 };
        Assert.ThrowsExactly<PlatformNotSupportedException>(() => new TestModel(ModelPrograms.Linear(1), options));
    }
}

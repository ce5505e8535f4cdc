using System.Buffers;
using System.Diagnostics;
using Ebsp.Isa.Programs;
using Ebsp.TestKit.Programs;

namespace Ebsp.Emulator.Tests.Models;

[TestClass]
public sealed class RunAsyncTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(100);

    [TestMethod]
    public async Task RunAsync_WithAndWithoutAToken_GivesTheMachinesAnswers()
    {
        EbspProgram program = SampleProgram.Program;
        TestModel model = new(program);
        using CancellationTokenSource source = new();
        for (int images = 1; images <= 5; images++)
        {
            byte[] pixels = ModelRuns.Pixels(program, images, images);
            float[] values = ModelRuns.Values(program, images, images);
            foreach (CancellationToken token in (CancellationToken[])[default, source.Token])
            {
                CollectionAssert.AreEqual(ModelRuns.Direct(program, null, pixels).Scores, await model.RunAsync(pixels, token));
                CollectionAssert.AreEqual(ModelRuns.Direct(program, null, values).Scores, await model.RunAsync(values, token));
            }
        }
    }

    [TestMethod]
    public async Task RunAsync_ManyAtOnce_TakeAtMostAMachineAProcessor()
    {
        EbspProgram program = SampleProgram.Program;
        TestModel model = new(program);
        byte[][] pixels = [.. Enumerable.Range(0, 200).Select(seed => ModelRuns.Pixels(program, seed % 3 + 1, seed))];
        float[][] scores = await Task.WhenAll(pixels.Select(own => model.RunAsync(own)));
        for (int i = 0; i < pixels.Length; i++)
            CollectionAssert.AreEqual(ModelRuns.Direct(program, null, pixels[i]).Scores, scores[i]);
        Assert.IsTrue(model.Machines.Idle >= 1 && model.Machines.Idle <= Environment.ProcessorCount, $"{model.Machines.Idle} machines");
    }

    [TestMethod]
    public async Task RunAsync_CanceledWithinALongInstruction_EndsWithin100Milliseconds()
    {
        // More runs than processors, so that some have not begun; canceled by a timer, which needs a thread of the pool, as do those who
        // wait.
        TestModel model = new(ModelPrograms.Slow(), new MachineOptions { Engine = EngineKind.Literal });
        int runs = 2 * Environment.ProcessorCount;
        // Whatever else the host does may delay a timer; not three times.
        TimeSpan shortest = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 3 && shortest > Bound; attempt++)
        {
            using CancellationTokenSource source = new();
            Task<float[]>[] tasks = [.. Enumerable.Range(0, runs).Select(_ => model.RunAsync(new byte[3], source.Token))];
            await Task.Delay(200, CancellationToken.None);
            Assert.IsFalse(tasks.Any(task => task.IsCompleted), "the instruction must take longer than that for the test to say anything");
            long canceled = 0;
            source.Token.Register(() => canceled = Stopwatch.GetTimestamp());
            source.CancelAfter(1);
            foreach (Task<float[]> task in tasks)
                Assert.AreEqual(source.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => task)).CancellationToken);
            TimeSpan taken = Stopwatch.GetElapsedTime(canceled);
            shortest = taken < shortest ? taken : shortest;
            Assert.IsTrue(tasks.All(task => task.IsCanceled));
            // The runs themselves go on to the end of their instruction and have their machines until then.
            Assert.AreEqual(0, model.Machines.Idle, "no run can have stopped yet");
            await Returned(model, Environment.ProcessorCount);
        }

        Assert.IsLessThanOrEqualTo(Bound, shortest);
    }

    [TestMethod]
    public async Task RunAsync_CanceledBetweenInstructions_KeepsTheMachineForTheNextRun()
    {
        EbspProgram program = SampleProgram.Program;
        TestModel model = new(program);
        byte[] pixels = ModelRuns.Pixels(program, 400, seed: 1);
        float[] expected = model.Run(pixels);
        Random random = new(1);
        int canceled = 0;
        for (int attempt = 0; attempt < 40; attempt++)
        {
            using CancellationTokenSource source = new();
            Task<float[]> task = model.RunAsync(pixels, source.Token);
            if (attempt % 2 == 0)
                await Task.Delay(random.Next(4), CancellationToken.None);
            await source.CancelAsync();
            try
            {
                CollectionAssert.AreEqual(expected, await task);
            }
            catch (OperationCanceledException)
            {
                canceled++;
            }

            CollectionAssert.AreEqual(expected, model.Run(pixels));
        }

        Assert.IsGreaterThan(0, canceled);
        Assert.IsLessThanOrEqualTo(Environment.ProcessorCount + 1, model.Machines.Idle);
    }

    [TestMethod]
    public void RunAsync_TokenCanceledBefore_DoesNoWork()
    {
        TestModel model = new(ModelPrograms.Slow(), new MachineOptions { Engine = EngineKind.Literal });
        CancellationToken token = new(canceled: true);
        Assert.IsTrue(model.RunAsync(new byte[3], token).IsCanceled);
        Assert.IsTrue(model.RunAsync(new float[3], token).IsCanceled);
        Assert.AreEqual(0, model.Machines.Idle);
    }

    [TestMethod]
    public async Task RunAsync_Trap_FaultsTheTask()
    {
        TestModel model = new(ModelPrograms.Trapping());
        using CancellationTokenSource source = new();
        await Assert.ThrowsExactlyAsync<EmulatorTrapException>(() => model.RunAsync(new byte[3]));
        await Assert.ThrowsExactlyAsync<EmulatorTrapException>(() => model.RunAsync(new byte[3], source.Token));
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => model.RunAsync((float[])[1, float.NaN, 1], source.Token));
    }

    [TestMethod]
    public async Task RunAsync_CancellableCall_ReadsTheCallersMemoryBeforeItReturns()
    {
        // A canceled task's caller may hand his memory to somebody else while the run behind the task still goes on.
        EbspProgram program = SampleProgram.Program;
        TestModel model = new(program);
        byte[] pixels = ModelRuns.Pixels(program, 3, seed: 1);
        using CancellationTokenSource source = new();
        using Lent lent = new([.. pixels]);
        Task<float[]> task = model.RunAsync(lent.Memory, source.Token);
        lent.TakeBack();
        CollectionAssert.AreEqual(ModelRuns.Direct(program, null, pixels).Scores, await task);
    }

    private static async Task Returned(TestModel model, int machines)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (model.Machines.Idle < machines)
        {
            Assert.IsLessThan(TimeSpan.FromMinutes(2), watch.Elapsed, "a canceled run never gave its machine back");
            await Task.Delay(10);
        }

        Assert.AreEqual(machines, model.Machines.Idle);
    }

    private sealed class Lent(byte[] bytes) : MemoryManager<byte>
    {
        private bool _isBack;

        public void TakeBack()
        {
            _isBack = true;
            Array.Clear(bytes);
        }

        public override Span<byte> GetSpan() => _isBack ? throw new ObjectDisposedException(nameof(Lent)) : bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}

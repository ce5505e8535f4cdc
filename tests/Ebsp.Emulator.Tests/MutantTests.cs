using System.Collections.Concurrent;
using System.Diagnostics;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Programs;

namespace Ebsp.Emulator.Tests;

[TestClass]
public sealed class MutantTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Run_AcceptedMutants_EndOrTrapAlikeOnBothEngines()
    {
        ConcurrentDictionary<string, int> outcomes = new();
        ConcurrentQueue<string> wrong = new();
        long slowest = 0;
        Parallel.For(0, LongMode.Count(2_000, 100_000), seed =>
        {
            if (Open(ProgramMutator.Mutant(seed)) is not { } program)
                return;
            long start = Stopwatch.GetTimestamp();
            try
            {
                outcomes.AddOrUpdate(Outcome(program), 1, (_, count) => count + 1);
            }
            catch (Exception escaped)
            {
                wrong.Enqueue($"mutant {seed}: {escaped}");
            }

            long milliseconds = (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            InterlockedMax(ref slowest, milliseconds * 1_000_000 + seed);
        });
        TestContext.WriteLine(
            $"{string.Join(", ", outcomes.OrderBy(o => o.Key).Select(o => $"{o.Value} {o.Key}"))}; the slowest, mutant " +
            $"{slowest % 1_000_000}, took {slowest / 1_000_000} ms");
        Assert.IsEmpty(wrong, string.Join('\n', wrong.Take(5)));
        Assert.IsGreaterThanOrEqualTo(LongMode.Count(20, 1_000), outcomes.Values.Sum());
        foreach (string outcome in (string[])["End", nameof(TrapKind.Deadlock), nameof(TrapKind.OperandFault)])
            Assert.IsGreaterThan(0, outcomes.GetValueOrDefault(outcome), outcome);
        // Far above what the work of the small machine's memories takes, far below what a test run waits for.
        Assert.IsLessThan(180_000, slowest / 1_000_000, $"milliseconds of mutant {slowest % 1_000_000}");
    }

    private static EbspProgram? Open(ProgramMutant mutant)
    {
        try
        {
            return ProgramReader.Open(mutant.File, mutant.RunOn);
        }
        catch (EbspFormatException)
        {
            return null;
        }
    }

    private static string Outcome(EbspProgram program)
    {
        (Watch fast, string? fastTrap, _) = Run(program, new MachineOptions { Engine = EngineKind.Fast });
        (Watch literal, string? trap, EmulatorTrapException? stop) = Run(program, Runs.Literal);
        Assert.AreEqual(trap, fastTrap);
        Assert.AreEqual(literal.Executed, fast.Executed);
        foreach (Region region in (Region[])[Region.Output, Region.Buffer, Region.Psum, Region.Arena])
            Assert.IsTrue(literal.Bytes(region).SequenceEqual(fast.Bytes(region)), $"{region} differs");

        TimingReport timing = TimingModel.Run(program);
        if (stop is null)
            Assert.IsNull(timing.Deadlock);
        else if (stop.Kind == TrapKind.Deadlock)
            Assert.AreEqual(stop.Instruction, timing.Deadlock?.Instruction);
        return stop is null ? "End" : stop.Kind.ToString();
    }

    private static (Watch Watch, string? Trap, EmulatorTrapException? Stop) Run(EbspProgram program, MachineOptions options)
    {
        Watch watch = new();
        Machine machine = new(program, options) { Observer = watch };
        ProgramInput input = program.Io.Input;
        byte[] pixels = new byte[input.Channels * input.Height * input.Width];
        for (int n = 0; n < program.Io.Batch; n++)
        {
            new Random(n).NextBytes(pixels);
            machine.WriteImage(n, pixels);
        }

        try
        {
            machine.Run();
        }
        catch (EmulatorTrapException trap)
        {
            // The message holds kind, instruction, region, address and the code that was read.
            return (watch, trap.Message, trap);
        }

        ProgramOutput output = program.Io.Output;
        machine.ReadScores(program.Io.Batch - 1, new float[output.Channels * output.Height * output.Width]);
        return (watch, null, null);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (long seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, seen);
    }

    /// <summary>Keeps the machine's memories in sight after the run.</summary>
    private sealed class Watch : IInstructionObserver
    {
        private MachineState? _state;

        public int Executed { get; private set; }

        public ReadOnlySpan<byte> Bytes(Region region) => _state is null ? default : _state.Bytes(region);

        void IInstructionObserver.Executed(int instruction, MachineState state)
        {
            Executed++;
            _state = state;
        }
    }
}

using System.Collections.Immutable;
using Ebsp.Emulator.Models;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests.Models;

[TestClass]
public sealed class ClassificationTests
{
    [TestMethod]
    public void Classify_Model_GivesTheBestScoreWithItsLabel()
    {
        EbspProgram program = ModelPrograms.Linear(4, transform: 1);
        TestModel model = new(program);
        HashSet<string> labels = [];
        for (int seed = 0; seed < 20; seed++)
        {
            byte[] pixels = ModelRuns.Pixels(program, 1, seed);
            float[] scores = model.Run(pixels);
            int best = Array.IndexOf(scores, scores.Max());
            Assert.AreEqual(new Classification(best, program.Io.Labels[best], scores[best]), model.Classify(pixels));
            labels.Add(program.Io.Labels[best]);
        }

        Assert.IsGreaterThan(1, labels.Count);
    }

    [TestMethod]
    public void Classify_HandWrittenStandIn_NeedsNoMore()
    {
        StandIn model = new([0.5f, 3, -1, 3], ["a", "b", "c", "d"]);
        Assert.AreEqual(new Classification(1, "b", 3), model.Classify([1, 2, 3]));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, model.Asked);
        Assert.AreEqual(new Classification(0, "0", -2), new StandIn([-2, -3], []).Classify([1]));
        Assert.AreEqual(new Classification(1, "1", 4), new StandIn([-2, 4], default).Classify([1]));
    }

    [TestMethod]
    public void Classify_SeveralImages_IsRefused()
    {
        TestModel model = new(ModelPrograms.Linear(4));
        Assert.Contains("one image is expected, not 2", Assert.ThrowsExactly<ArgumentException>(() => model.Classify(new byte[6])).Message);
    }

    [TestMethod]
    public void Classify_OutputThatIsAMap_IsRefused()
    {
        StandIn model = new([1, 2, 3, 4], []) { Output = new ProgramOutput("mask", 1, 2, 2, 1, 0) };
        Assert.Contains("output 'mask' is a map of 2 x 2 pixels",
            Assert.ThrowsExactly<InvalidOperationException>(() => model.Classify([1])).Message);
    }

    // What a user's own test would write.
    private sealed class StandIn(float[] scores, ImmutableArray<string> labels) : IEbspModel
    {
        public byte[] Asked { get; private set; } = [];

        public ProgramOutput Output { get; init; } = new("scores", scores.Length, 1, 1, 1, 0);

        public ImmutableArray<string> Labels => labels;

        public int Batch => 1;

        public ArchSpec Arch => throw new NotSupportedException();

        public ProgramInput Input => throw new NotSupportedException();

        public TimingReport Timing => throw new NotSupportedException();

        public float[] Run(ReadOnlySpan<byte> pixels)
        {
            Asked = pixels.ToArray();
            return scores;
        }

        public float[] Run(ReadOnlySpan<float> values) => scores;

        public void Run(ReadOnlySpan<byte> pixels, Span<float> target) => scores.CopyTo(target);

        public void Run(ReadOnlySpan<float> values, Span<float> target) => scores.CopyTo(target);

        public int[] RunIntegers(ReadOnlySpan<byte> pixels) => throw new NotSupportedException();

        public int[] RunIntegers(ReadOnlySpan<float> values) => throw new NotSupportedException();

        public Task<float[]> RunAsync(ReadOnlyMemory<byte> pixels, CancellationToken cancellation = default) => Task.FromResult(scores);

        public Task<float[]> RunAsync(ReadOnlyMemory<float> values, CancellationToken cancellation = default) => Task.FromResult(scores);
    }
}

using System.Globalization;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Programs;

namespace Ebsp.Isa.Tests.Programs;

[TestClass]
public sealed class MutantTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Open_Mutants_AreRefusedByEachRuleOrWrittenAgainTheSame()
    {
        int count = LongMode.Count(2_000, 100_000);
        int refusedByEach = LongMode.Count(1, 100);
        int acceptedAtLeast = LongMode.Count(20, 1_000);
        int accepted = 0;
        int[] refused = new int[5000];
        string? wrong = null;
        Parallel.For(0, count, seed =>
        {
            ProgramMutant mutant = ProgramMutator.Mutant(seed);
            try
            {
                ProgramReader.Open(mutant.File, mutant.RunOn);
                Interlocked.Increment(ref accepted);
                // Without the other machine, whose timing fields would be written instead of the file's.
                if (!ProgramWriter.Write(ProgramReader.Open(mutant.File)).AsSpan().SequenceEqual(mutant.File))
                    wrong = $"mutant {seed} is written again in another way";
            }
            catch (EbspFormatException refusal)
            {
                Interlocked.Increment(ref refused[(int)refusal.Rule!.Value]);
            }
            catch (Exception other)
            {
                wrong = $"mutant {seed}: {other}";
            }
        });
        Assert.IsNull(wrong);
        string counts = string.Join(", ",
            Enum.GetValues<ProgramRule>().Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule} {refused[(int)rule]}")));
        TestContext.WriteLine($"{accepted} accepted; refused by {counts}");
        Assert.IsGreaterThanOrEqualTo(acceptedAtLeast, accepted);
        foreach (ProgramRule rule in Enum.GetValues<ProgramRule>())
            Assert.IsGreaterThanOrEqualTo(refusedByEach, refused[(int)rule], $"{rule}: {counts}");
    }

    [TestMethod]
    public void Mutant_OfASeed_IsAlwaysTheSame()
    {
        for (int seed = 0; seed < 50; seed++)
            CollectionAssert.AreEqual(ProgramMutator.Mutant(seed).File, ProgramMutator.Mutant(seed).File);
    }
}

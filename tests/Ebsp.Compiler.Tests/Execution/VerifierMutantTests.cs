using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Execution;

/// <summary>The static verifier on pretrained networks: right programs pass, wrong ones do not get through unseen.</summary>
[TestClass]
public sealed class VerifierMutantTests
{
    private const int Interleavings = 3;

    public TestContext TestContext { get; set; } = null!;

    private static string[] Small => ["mnist-burn", "resnet8-cifar10"];

    [TestMethod]
    public void Check_PretrainedNetworks_FindsNothing()
    {
        int programs = 0;
        foreach (string network in LongMode.On ? Networks.All : Small)
        {
            foreach ((int bits, int length) in LongMode.On ? [(6, 3), (8, 3), (6, 1)] : ((int, int)[])[(6, 3)])
            {
                Graph graph = ModelSection.Read(NetworkPrograms.Of(network, bits, length));
                foreach (string machine in (string[])["default", "small-16", "small-8", "area-8-4"])
                {
                    foreach (int batch in (int[])[1, 3])
                    {
                        if (Compile(graph, ArchPresets.Find(machine)!, batch) is not { } program)
                            continue;
                        Assert.IsEmpty(ProgramVerifier.Check(program), $"{network} {bits}({length}), {machine}, batch {batch}");
                        programs++;
                    }
                }
            }
        }

        TestContext.WriteLine($"{programs} programs without a finding");
        Assert.IsGreaterThanOrEqualTo(LongMode.Count(12, 350), programs);
    }

    // Null where the network is too large for the machine's buffer.
    private static EbspProgram? Compile(Graph graph, ArchSpec arch, int batch)
    {
        try
        {
            return NetworkPrograms.Compile(graph, arch, batch);
        }
        catch (EbspException refused) when (refused.Diagnostics[0].Code == "EBSP3001")
        {
            return null;
        }
    }

    /// <summary>
    /// The instruction that <c>verify</c> names is right if it is the first, in the order of execution, whose tile differs from the one
    /// that the right program makes at this place, and what it reads or writes depends on the mutated instruction: that one itself, or one
    /// that touches bytes which it, or what it should have been, or an instruction that depends on it, has written.
    /// </summary>
    [TestMethod]
    public void Mutants_OfRealPrograms_FallInOneClassEach()
    {
        string[] networks = LongMode.On
            ? ["resnet20-cifar10", "resnet8-cifar10", "mnist-burn", "mobilenetv1-0.25-128", "squeezenet1.0-dc"]
            : Small;
        int count = LongMode.Count(100, 1000);
        SortedDictionary<string, int> classes = [], kinds = [];
        List<string> wrong = [];
        Subject[] subjects = [.. networks.Select(network => new Subject(network))];
        for (int number = 0; number < count; number++)
        {
            Subject subject = subjects[number / 4 % subjects.Length];
            ProgramMutation mutant = ProgramMutation.Of(subject.Program, number);
            string outcome = subject.Classify(mutant);
            string label = outcome.Split(':')[0];
            classes[label] = classes.GetValueOrDefault(label) + 1;
            kinds[$"{mutant.Kind}, {label}"] = kinds.GetValueOrDefault($"{mutant.Kind}, {label}") + 1;
            if (label == "wrong")
                wrong.Add($"mutant {number} of {subject.Network}, {mutant.Kind}: " +
                    $"{outcome}\n{string.Join('\n', mutant.Changed.Select(i => $"{subject.Program.Describe(i)}\n  now " +
                        $"{mutant.Program.Code[i]}"))}");
        }

        TestContext.WriteLine($"{count} mutants: {string.Join("; ", classes.Select(c => $"{c.Value} {c.Key}"))}");
        foreach ((string kind, int number) in kinds)
            TestContext.WriteLine($"  {kind}: {number}");
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.AreEqual(count, classes.Values.Sum());
        Assert.IsGreaterThanOrEqualTo(count, 2 * classes["refused by the verifier"]);
    }

    /// <summary>A network, its image, and what the right program makes of it.</summary>
    private sealed class Subject
    {
        private readonly ImageSet _images;
        private readonly ReferenceRun[] _reference;
        private readonly byte[] _output;
        private readonly Dictionary<int, byte[]> _tiles = [];

        public Subject(string network)
        {
            Network = network;
            Program = NetworkPrograms.Of(network, 6, 3);
            _images = Networks.Images(network, 1);
            Graph graph = ModelSection.Read(Program);
            _reference = [new IntegerReference(graph).Run(InputImages.Integers(graph, InputImages.Values(graph, _images, 0)))];
            TileBytes tiles = new(Program, (index, bytes) => _tiles[index] = bytes);
            _output = Run(Program, null, tiles)!;
        }

        public string Network { get; }

        public EbspProgram Program { get; }

        public string Classify(ProgramMutation mutant)
        {
            EbspProgram program;
            try
            {
                program = ProgramReader.Open(ProgramWriter.Write(mutant.Program));
            }
            catch (EbspFormatException)
            {
                return "refused by the reader";
            }

            IReadOnlyList<VerifierFinding> findings = ProgramVerifier.Check(program);
            if (findings.Any(finding => finding.Rule is VerifierRule.Deadlock or VerifierRule.Unreachable) != (
                TimingModel.Run(program).Deadlock is not null))
                return "wrong: verifier and timing model do not agree on deadlock";
            if (findings.Count > 0)
                return "refused by the verifier";
            int firstWrong = -1;
            TileBytes tiles = new(program, (index, bytes) => firstWrong = firstWrong < 0 && !bytes.AsSpan().SequenceEqual(_tiles[index])
                ? index
                : firstWrong);
            TileComparison comparison = new(program, _reference);
            byte[]? output = Run(program, null, tiles, comparison);
            for (int seed = 1; seed <= Interleavings; seed++)
            {
                // Of several wrong operands the first to be read may differ; that one of them is read may not.
                byte[]? other = Run(program, seed);
                if (output is null != other is null || !output.AsSpan().SequenceEqual(other))
                    return $"wrong: interleaving {seed} ends otherwise than program order";
            }

            if (output is null)
                return "trapped";
            if (output.AsSpan().SequenceEqual(_output))
                return "equal in all interleavings";
            if (comparison.First is not { } named)
                return "wrong: the output differs, but verify names no instruction";
            if (named.Instruction != firstWrong || named.Text != program.Code[firstWrong].ToString())
                return $"wrong: verify names instruction {named.Instruction}, the first wrong tile is that of {firstWrong}";
            return Dependent(mutant, program).Contains(firstWrong)
                ? "named by verify"
                : $"wrong: verify names instruction {firstWrong}, which does not depend on the mutated one";
        }

        // The mutated instructions and those that touch bytes that they, in both forms, or other dependent ones have written.
        private HashSet<int> Dependent(ProgramMutation mutant, EbspProgram program)
        {
            List<MemoryRange> touched =
                [.. mutant.Changed.SelectMany(index => InstructionView.Of(Program.Code[index]).Hulls()).Where(range => range.Write)];
            HashSet<int> dependent = [.. mutant.Changed];
            for (int i = mutant.Changed.Min(); i < program.Code.Length; i++)
            {
                MemoryRange[] ranges = InstructionView.Of(program.Code[i]).Hulls();
                if (!dependent.Contains(i) && !Array.Exists(ranges, range => touched.Exists(range.Overlaps)))
                    continue;
                dependent.Add(i);
                touched.AddRange(ranges.Where(range => range.Write));
            }

            return dependent;
        }

        // Null for a trap.
        private byte[]? Run(EbspProgram program, int? seed, params IInstructionObserver[] observers)
        {
            Machine machine = new(program, new MachineOptions { InterleavingSeed = seed }) { Observer = new Observers(observers) };
            machine.WriteImage(0, _images.PixelsOf(0));
            try
            {
                machine.Run();
                return machine.Output.ToArray();
            }
            catch (EmulatorTrapException)
            {
                return null;
            }
        }
    }

    private sealed class Observers(IInstructionObserver[] observers) : IInstructionObserver
    {
        public void Executed(int instruction, MachineState state)
        {
            foreach (IInstructionObserver observer in observers)
                observer.Executed(instruction, state);
        }
    }

    /// <summary>The bytes of every tile as its instruction leaves it, run by run; shares nothing with the comparison of tiles.</summary>
    private sealed class TileBytes(EbspProgram program, Action<int, byte[]> done) : IInstructionObserver
    {
        private readonly ImmutableHashSet<int> _mapped = [.. program.Layers.Tiles.Select(tile => tile.Instruction)];

        public void Executed(int instruction, MachineState state)
        {
            if (!_mapped.Contains(instruction))
                return;
            PitchedRange written = InstructionView.Of(program.Code[instruction]).Ranges().Single(range => range.Write);
            ReadOnlySpan<byte> memory = state.Bytes(written.Region);
            byte[] bytes = new byte[written.Runs * written.RunBytes];
            int at = 0;
            foreach (long start in written.RunStarts())
            {
                memory.Slice((int)start, (int)written.RunBytes).CopyTo(bytes.AsSpan(at));
                at += (int)written.RunBytes;
            }

            done(instruction, bytes);
        }
    }
}

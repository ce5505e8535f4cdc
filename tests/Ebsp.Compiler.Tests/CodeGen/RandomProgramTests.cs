using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Random graphs through the whole compiler, on machines of several sizes.</summary>
[TestClass]
public sealed class RandomProgramTests
{
    private static readonly string[] Machines = ["default", "small-16", "small-8", "area-8-4"];

    internal static EbspProgram Compile(Graph graph, ArchSpec arch, int batch)
    {
        EbspProgram program = ModelCompiler.Compile(graph, new CompileOptions(arch, batch, new string('0', 64), ""));
        return ProgramReader.Open(ProgramWriter.Write(program));
    }

    [TestMethod]
    public void Executors_RandomGraph_AgreeOnEveryTile()
    {
        int compiled = 0;
        for (int seed = 0; seed < LongMode.Count(60, 2000); seed++)
        {
            ArchSpec arch = ArchPresets.Find(Machines[seed % Machines.Length])!;
            Graph graph = RandomGraph.Make(seed, arch.PatternLength);
            Verifier.Verify(graph);
            EbspProgram program;
            try
            {
                program = Compile(graph, arch, 1 + seed % 3);
            }
            catch (EbspException tooSmall) when (tooSmall.Diagnostics[0].Code == "EBSP3001" && arch.BufferBytes < 1 << 20)
            {
                continue;
            }

            compiled++;
            AssertExecutorsAgree(graph, program, seed);
        }

        Assert.IsGreaterThan(LongMode.Count(55, 1800), compiled);
    }

    /// <summary>Runs a program on literal machine and fast engine, orders of the units and kernels included, and compares every tile with
    /// the reference.</summary>
    internal static void AssertExecutorsAgree(Graph graph, EbspProgram program, int seed)
    {
        Assert.IsNull(TimingModel.Run(program).Deadlock, $"seed {seed}");
        Random random = new(seed);
        Graph carried = ModelSection.Read(program);
        IntegerReference reference = new(carried);
        int[][] inputs = [.. Enumerable.Range(0, program.Io.Batch).Select(_ => RandomGraph.Input(graph, random))];
        ReferenceRun[] runs = [.. inputs.Select(input => reference.Run(input))];
        MachineOptions[] machines =
        [
            new() { Engine = EngineKind.Literal },
            new() { InterleavingSeed = seed },
            new() { InterleavingSeed = seed + 1, Engine = EngineKind.Literal },
            .. KernelTiers.Supported.Select(tier => new MachineOptions { Tier = tier }),
        ];
        foreach (MachineOptions options in machines)
        {
            TileComparison comparison = new(program, runs);
            Machine machine = new(program, options) { Observer = comparison };
            for (int n = 0; n < inputs.Length; n++)
                WriteInput(machine, program, n, inputs[n]);
            machine.Run();
            Assert.IsNull(comparison.First, $"seed {seed}, {options}: {comparison.First}");
            Assert.AreEqual(program.Layers.Tiles.Length, comparison.Tiles);
            for (int n = 0; n < inputs.Length; n++)
            {
                for (int i = 0; i < carried.Outputs.Length; i++)
                {
                    Shape shape = carried.TypeOf(carried.Outputs[i].Name).Shape;
                    int[] expected = runs[n].Tensors[carried.Outputs[i].Name], planes = new int[expected.Length];
                    machine.ReadIntegers(n, i, planes);
                    for (int at = 0; at < expected.Length; at++)
                        Assert.AreEqual(expected[at], planes[at % shape.Channels * shape.Height * shape.Width + at / shape.Channels],
                            $"seed {seed}, {options}, output {i}, element {at}");
                }
            }
        }
    }

    internal static void WriteInput(Machine machine, EbspProgram program, int n, int[] values)
    {
        ProgramInput input = program.Io.Input;
        int channels = input.Terms * input.Channels, bits = input.Format.Bits;
        Span<byte> image = machine.Input.Slice((int)(n * input.ImageBytes), (int)input.ImageBytes);
        image.Clear();
        for (int pixel = 0; pixel < input.Height * input.Width; pixel++)
        {
            for (int c = 0; c < channels; c++)
            {
                int first = (pixel * input.Groups + c / 8) * bits * 8 + c % 8 * bits;
                int code = SlotCode.Encode(values[pixel * channels + c], input.Format);
                for (int bit = 0; bit < bits; bit++)
                    image[(first + bit) / 8] |= (byte)((code >> bit & 1) << ((first + bit) % 8));
            }
        }
    }
}

using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

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
    public void Compile_RandomGraph_IsAcceptedAndEnds()
    {
        int compiled = 0;
        for (int seed = 0; seed < 200; seed++)
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
            TimingReport report = TimingModel.Run(program);
            Assert.IsNull(report.Deadlock, $"seed {seed}");
        }

        Assert.IsGreaterThan(180, compiled);
    }
}

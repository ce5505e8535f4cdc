using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>The static verifier on what the compiler makes.</summary>
[TestClass]
public sealed class ProgramVerifierTests
{
    [TestMethod]
    public void Check_RandomGraphs_FindsNothing()
    {
        int compiled = 0;
        for (int seed = 0; seed < LongMode.Count(150, 2000); seed++)
        {
            foreach (string machine in (string[])["default", "small-16", "small-8", "area-8-4"])
            {
                ArchSpec arch = ArchPresets.Find(machine)!;
                Graph graph = RandomGraph.Make(seed, arch.PatternLength);
                // A smaller buffer spills more.
                if (seed % 2 == 1 && arch.BufferBytes > 1 << 16)
                    arch = arch with { BufferBytes = 1 << 16 };
                try
                {
                    EbspProgram program = RandomProgramTests.Compile(graph, arch, 1 + seed % 3);
                    Assert.IsEmpty(ProgramVerifier.Check(program), $"seed {seed}, {machine}");
                    compiled++;
                }
                catch (EbspException refused) when (refused.Diagnostics[0].Code == "EBSP3001")
                {
                    continue;
                }
                catch (EbspException refused)
                {
                    Assert.Fail($"seed {seed}, {machine}: {refused.Diagnostics[0]}");
                }
            }
        }

        Assert.IsGreaterThan(LongMode.Count(300, 4000), compiled);
    }
}

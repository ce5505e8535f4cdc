using Ebsp.Compiler;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Evaluation.Tests.Report;

/// <summary>ResNet-20 with seeded weights, compiled.</summary>
internal static class SmallProgram
{
    public static EbspProgram Compile() => ModelCompiler.Compile(SeededGraph.Of(NetworkReader.Read("resnet20"), 6, 3, 2),
        new CompileOptions(ArchPresets.Default, 1, new string('0', 64), ""));

    public static ProgramRun Run() => ProgramRun.Of(Compile(), "small");
}

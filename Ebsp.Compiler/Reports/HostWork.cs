using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Reports;

/// <summary>A step that a program leaves to the host between layers.</summary>
/// <param name="Layer">Name of the step.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Elements">Elements of one run.</param>
/// <param name="Cycles">Cycles of one run.</param>
public sealed record HostWork(string Layer, HostStepKind Kind, long Elements, long Cycles)
{
    /// <summary>The steps of a program; empty where there are none.</summary>
    public static IReadOnlyList<HostWork> Of(EbspProgram program)
    {
        long[] elements = new long[program.HostSteps.Length];
        foreach (Instruction instruction in program.Code)
        {
            if (InstructionView.Of(instruction) is HostInstruction host)
                elements[host.Step] += host.Tile.Elements;
        }

        return [.. program.HostSteps.Select((step, i) =>
            new HostWork(step.Name, step.Kind, elements[i], elements[i] * program.Arch.HostCyclesPerElement))];
    }
}

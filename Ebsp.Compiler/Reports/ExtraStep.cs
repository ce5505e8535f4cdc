using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Reports;

/// <summary>
/// A layer that no array instruction takes along: a copy, rescaling, a pool, a table, a host step. They cost time of other units and are
/// easily overlooked.
/// </summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Unit">The unit that does the work.</param>
/// <param name="Instructions">Instructions of the layer.</param>
public sealed record ExtraStep(string Layer, Unit Unit, int Instructions)
{
    /// <summary>The extra steps of a program, in its order.</summary>
    public static IReadOnlyList<ExtraStep> Of(EbspProgram program)
    {
        List<ExtraStep> steps = [];
        foreach (IGrouping<int, int> layer in Enumerable.Range(0, program.Code.Length).Where(i => program.Layers.InstructionLayers[i] >= 0)
            .GroupBy(i => program.Layers.InstructionLayers[i]))
        {
            if (layer.Any(i => program.Code[i].Unit == Unit.Array)
                || layer.LastOrDefault(i => program.Code[i].Unit is Unit.Vector or Unit.Pool or Unit.Host
                && program.Code[i].Opcode != Opcode.Sync, -1) is not (>= 0 and var last))
                continue;
            Unit unit = layer.Any(i => program.Code[i].Opcode == Opcode.Pool) ? Unit.Pool : program.Code[last].Unit;
            steps.Add(new ExtraStep(program.Layers.Layers[layer.Key], unit, layer.Count()));
        }

        return steps;
    }
}

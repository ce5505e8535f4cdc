using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Timing;

/// <summary>Cycles, stalls and action counts of a program, without arithmetic on data: time does not depend on it. Rules: docs/timing.md.</summary>
public static class TimingModel
{
    /// <summary>Runs the instruction stream.</summary>
    /// <param name="program">A valid program.</param>
    /// <param name="timing">A machine with other timing fields; null for the program's own.</param>
    /// <param name="sink">Receives every busy interval and every stall, or null.</param>
    /// <exception cref="ArgumentException">The machine differs in structural fields; the message names them.</exception>
    /// <exception cref="OverflowException">Cycles or counts leave 63 bits; never those of a program that the reader accepted.</exception>
    public static TimingReport Run(EbspProgram program, ArchSpec? timing = null, ITimingSink? sink = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArchSpec arch = timing ?? program.Arch;
        if (timing is not null && ArchJson.StructuralDifferences(program.Arch, timing) is { Count: > 0 } fields)
            throw new ArgumentException($"the machine differs in structural fields: {string.Join(", ", fields)}", nameof(timing));

        TimedProgram timed = TimedProgram.Decode(program, arch);
        TimingRun run = new(timed, arch, sink);
        run.Run();

        ActionTally tally = new(arch);
        LayerTime[] layers = [.. program.Layers.Layers.Select(name => new LayerTime(name, 0, 0, 0, 0, 0))];
        for (int i = 0; i < program.Code.Length; i++)
        {
            if (run.Starts[i] < 0)
                continue;
            long macs = tally.Macs;
            tally.Add(program.Code[i], timed.BlockBytes[i]);
            if (program.Layers.InstructionLayers[i] is var layer and >= 0)
                layers[layer] = Extend(layers[layer], timed.Instructions[i], run.Starts[i], run.Ends[i], tally.Macs - macs);
        }

        double utilisation = run.Total == 0 ? 0 : tally.Macs / ((double)arch.ProcessingElements * run.Total);
        return new TimingReport(run.Total, run.UnitTimes(), tally.Counts, [.. layers], utilisation, run.Deadlock);
    }

    private static LayerTime Extend(LayerTime layer, TimedInstruction instruction, long start, long end, long macs) => layer with
    {
        Instructions = layer.Instructions + 1,
        Macs = layer.Macs + macs,
        ArrayBusy = layer.ArrayBusy + (instruction.Unit == (byte)Unit.Array ? end - start : 0),
        Start = layer.Instructions == 0 ? start : Math.Min(layer.Start, start),
        End = Math.Max(layer.End, end),
    };
}

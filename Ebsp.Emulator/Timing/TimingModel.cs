using System.Collections.Immutable;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Timing;

/// <summary>Cycles, stalls and action counts of a program, without arithmetic on data: time does not depend on it. Rules:
/// docs/timing.md.</summary>
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
        TimingRun run = new(timed, arch, program.Layers, sink);
        run.Run();

        ActionTally[] tallies = [.. Enumerable.Range(0, program.Layers.Layers.Length + 1).Select(_ => new ActionTally(arch))];
        (long Start, long End)[] spans = new (long, long)[tallies.Length];
        for (int i = 0; i < program.Code.Length; i++)
        {
            if (run.Starts[i] < 0)
                continue;
            int row = program.Layers.InstructionLayers[i] + 1;
            spans[row] = tallies[row].IsEmpty
                ? (run.Starts[i], run.Ends[i])
                : (Math.Min(spans[row].Start, run.Starts[i]), Math.Max(spans[row].End, run.Ends[i]));
            tallies[row].Add(InstructionView.Of(program.Code[i], i), timed.BlockBytes[i]);
        }

        LayerTime[] times = [.. tallies.Select((tally, row) => new LayerTime(
            row == 0 ? "" : program.Layers.Layers[row - 1], spans[row].Start, spans[row].End, run.UnitTimes(row - 1), tally.Counts))];
        ActionCounts actions = times.Select(time => time.Actions).Aggregate((a, b) => a + b);
        ImmutableArray<UnitTime> units =
            [.. Enum.GetValues<Unit>().Select(unit => times.Select(time => time[unit]).Aggregate((a, b) => a + b))];
        double utilization = run.Total == 0 ? 0 : actions.Macs / ((double)arch.ProcessingElements * run.Total);
        return new TimingReport(run.Total, units, actions, [.. times.AsSpan(1)], times[0], utilization, run.Deadlock);
    }
}

using System.Collections.Immutable;
using Ebsp.Compiler;
using Ebsp.Compiler.Ir;
using Ebsp.Emulator.Timing;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Evaluation.Execution;

/// <summary>EBSP as it runs: the compiled program on the timing model, priced by its own action counts.</summary>
internal static class ExecutedEbsp
{
    /// <summary>Name of the row of what belongs to no layer: transfers of the network's ends.</summary>
    public const string Rest = "(rest)";

    /// <summary>Compiles a network with seeded weights and times it.</summary>
    /// <param name="machine">EBSP in closed form: its sizes and its actions.</param>
    /// <param name="network">The shapes.</param>
    /// <param name="conditions">What all machines share.</param>
    public static NetworkResult Run(WeightStationary machine, Network network, Conditions conditions)
    {
        Graph graph = SeededGraph.Of(network, machine.Spec.ActivationBits, machine.Arch.PatternLength, machine.InputTerms);
        EbspProgram program = ModelCompiler.Compile(graph, new CompileOptions(machine.Arch, network.Batch, new string('0', 64), ""));
        return Price(machine, network, conditions, TimingModel.Run(program));
    }

    /// <summary>
    /// The result of a program that was timed: a row a layer, then one of the rest. Layers overlap; a layer is given the cycles by which
    /// its
    /// end lies behind the ends of those before it, so that the rows add up to the total.
    /// </summary>
    public static NetworkResult Price(WeightStationary machine, Network network, Conditions conditions, TimingReport timing)
    {
        List<LayerResult> rows = [];
        long done = 0;
        foreach (LayerTime layer in timing.Layers)
        {
            rows.Add(Row(layer, Math.Max(0, layer.End - done), conditions));
            done = Math.Max(done, layer.End);
        }

        rows.Add(Row(timing.Rest, timing.Cycles - done, conditions));
        return new NetworkResult(machine, network, conditions, [.. rows])
        {
            Labels =
            [
                .. timing.Layers.Select(layer => new LayerLabel(layer.Name, layer.Actions.Macs)),
                new LayerLabel(Rest, timing.Rest.Actions.Macs),
            ],
        };
    }

    private static LayerResult Row(LayerTime layer, long cycles, Conditions conditions)
    {
        ActionCounts actions = layer.Actions;
        double Sum(Func<UnitActions, long> of) => actions.Units.Sum(of);
        double read = Sum(unit => unit.BufferBytesRead), written = Sum(unit => unit.BufferBytesWritten);
        DramBytes dram = actions.DramTotal;
        double nanoseconds = cycles / conditions.ClockHz * 1e9;
        ImmutableArray<double> counts =
        [
            dram.BurstRead, dram.BurstWritten, read, written, nanoseconds, nanoseconds,
            actions.Macs, actions.SteeredActivations, 5.0 * actions.Macs,
            Sum(unit => unit.PsumBytesRead), Sum(unit => unit.PsumBytesWritten), nanoseconds,
        ];
        return new LayerResult(layer[Unit.Array].Busy, cycles, dram.BurstRead, dram.BurstWritten, read, written, counts);
    }
}

using System.Collections.Immutable;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Experiments;

/// <summary>EBSP in closed form beside its compiled program.</summary>
internal static class FormExperiment
{
    /// <summary>Compiles and times each network.</summary>
    public static ExperimentTable Run(WeightStationary machine, IEnumerable<Network> networks, Conditions conditions) => new("forms",
        "EBSP: closed form and executed program",
        [
            new("network", "", "name on the command line"), new("closed form", "M", "cycles of a run, 10^6", "0.000"),
            new("executed", "M", "cycles of the compiled program, 10^6", "0.000"),
            new("difference", "%", "closed form / executed - 1", "+0.0;-0.0"),
            new("DRAM closed", "MB", "bytes, 10^6", "0.00"), new("DRAM executed", "MB", "whole bursts, 10^6", "0.00"),
            new("buffer closed", "MB", "bytes read and written, 10^6", "0.0"),
            new("buffer executed", "MB", "bytes read and written, 10^6", "0.0"),
        ],
        [.. networks.Select(network =>
        {
            NetworkResult closed = NetworkResult.Run(machine, network, conditions),
                executed = ExecutedEbsp.Run(machine, network, conditions);
            return (ImmutableArray<object?>)
            [
                network.Name, closed.Cycles / 1e6, executed.Cycles / 1e6, 100 * (closed.Cycles / executed.Cycles - 1),
                Dram(closed), Dram(executed), Buffer(closed), Buffer(executed),
            ];
        })],
        ["Weights are seeded: cycles and traffic depend on shapes and formats alone."]);

    private static double Dram(NetworkResult result) => result.Layers.Sum(layer => layer.DramReadBytes + layer.DramWrittenBytes) / 1e6;

    private static double Buffer(NetworkResult result) =>
        result.Layers.Sum(layer => layer.BufferReadBytes + layer.BufferWrittenBytes) / 1e6;
}

using System.Collections.Immutable;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Experiments;

/// <summary>EBSP in closed form beside its compiled program.</summary>
internal static class FormExperiment
{
    /// <summary>The table of results in both forms, network by network.</summary>
    /// <param name="closed">In closed form.</param>
    /// <param name="executed">Of compiled programs.</param>
    public static ExperimentTable Table(IEnumerable<NetworkResult> closed, IEnumerable<NetworkResult> executed) => new("forms",
        "EBSP: closed form and executed program",
        [
            new("network", "", "name on the command line"), new("closed form", "M", "cycles of a run, 10^6", "0.000"),
            new("executed", "M", "cycles of the compiled program, 10^6", "0.000"),
            new("difference", "%", "closed form / executed - 1", "+0.0;-0.0"),
            new("DRAM closed", "MB", "bytes, 10^6", "0.00"), new("DRAM executed", "MB", "whole bursts, 10^6", "0.00"),
            new("buffer closed", "MB", "bytes read and written, 10^6", "0.0"),
            new("buffer executed", "MB", "bytes read and written, 10^6", "0.0"),
        ],
        [.. closed.Zip(executed, (a, b) => (ImmutableArray<object?>)
            [
                a.Network.Name, a.Cycles / 1e6, b.Cycles / 1e6, 100 * (a.Cycles / b.Cycles - 1), Dram(a), Dram(b), Buffer(a), Buffer(b),
            ])],
        ["Weights are seeded: cycles and traffic depend on shapes and formats alone."]);

    private static double Dram(NetworkResult result) => result.Layers.Sum(layer => layer.DramReadBytes + layer.DramWrittenBytes) / 1e6;

    private static double Buffer(NetworkResult result) =>
        result.Layers.Sum(layer => layer.BufferReadBytes + layer.BufferWrittenBytes) / 1e6;
}

using System.Collections.Immutable;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;

namespace Ebsp.Samples.WebClassifier;

/// <summary>One run of the model on the accelerator.</summary>
/// <param name="Cycles">Cycles in all.</param>
/// <param name="Microseconds">The same at the machine's clock.</param>
/// <param name="ClockMHz">The clock.</param>
/// <param name="Utilization">Share of the processing elements' cycles that hold a multiply-accumulate, 0..1.</param>
/// <param name="Layers">Layers in the order of the program.</param>
internal sealed record RunTime(long Cycles, double Microseconds, double ClockMHz, double Utilization, ImmutableArray<LayerRun> Layers)
{
    /// <summary>Takes from the timing report what a page has room for.</summary>
    public static RunTime Of(TimingReport timing, ArchSpec arch) => new(
        timing.Cycles,
        timing.Cycles * 1e6 / arch.ClockHz,
        arch.ClockHz / 1e6,
        timing.Utilization,
        [.. timing.Layers.Where(layer => layer.Span > 0).Select(layer => new LayerRun(
            layer.Name,
            layer.Span,
            (double)layer.Span / timing.Cycles,
            layer.Actions.Macs / ((double)arch.ProcessingElements * layer.Span)))]);
}

/// <summary>One layer: cycles from its first instruction's start to its last one's end, their share of the run (layers overlap), and
/// utilization meanwhile.</summary>
internal sealed record LayerRun(string Name, long Cycles, double Share, double Utilization);

using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>A machine: how many cycles a layer takes, and how often each of its parts acts. What an action costs is not its business
/// (<see cref="CostSet"/>). An assembly that implements it adds a machine (docs/machines.md).</summary>
public interface IMachine
{
    /// <summary>What it is.</summary>
    MachineSpec Spec { get; }

    /// <summary>Its actions, in the order of <see cref="LayerResult.Counts"/>.</summary>
    ImmutableArray<MachineAction> Actions { get; }

    /// <summary>Runs one layer.</summary>
    /// <param name="layer">A layer of any kind; machines that are compared on convolutions alone take no time for others.</param>
    /// <param name="conditions">What all machines share.</param>
    /// <param name="placement">Where its maps lie.</param>
    LayerResult Run(LayerShape layer, Conditions conditions, Placement placement);
}

/// <summary>What a machine is.</summary>
/// <param name="Name">As typed on the command line.</param>
/// <param name="Title">For tables.</param>
/// <param name="Format">Operands, such as <c>int16</c>.</param>
/// <param name="Elements">Processing elements.</param>
/// <param name="PeakMacs">Most multiply-accumulates a cycle, at the bits it runs at.</param>
/// <param name="ActivationBits">Bits of an activation in DRAM and buffer, first and last layer apart.</param>
/// <param name="AreaRow">Row of the area table of one processing element; empty where there is none.</param>
/// <param name="Source">Where its structure comes from.</param>
public sealed record MachineSpec(
    string Name, string Title, string Format, int Elements, double PeakMacs, int ActivationBits, string AreaRow, string Source);

/// <summary>What all machines share, so that the comparison is of the arrays.</summary>
/// <param name="ClockHz">Clock in Hz.</param>
/// <param name="DramBytesPerSecond">DRAM bandwidth in bytes per second.</param>
/// <param name="BufferBytes">On-chip buffer in bytes.</param>
public sealed record Conditions(double ClockHz = 500e6, double DramBytesPerSecond = 25.6e9, long BufferBytes = 5_242_880)
{
    /// <summary>DRAM bytes a cycle.</summary>
    public double DramBytesPerCycle => DramBytesPerSecond / ClockHz;
}

/// <summary>Where the maps of a layer lie.</summary>
/// <param name="InputInBuffer">Whether the input was left in the buffer by the layer before.</param>
/// <param name="OutputInBuffer">Whether the output stays in the buffer for the layers behind.</param>
public readonly record struct Placement(bool InputInBuffer, bool OutputInBuffer);

/// <summary>Where energy goes: the four parts of the paper's breakdown.</summary>
public enum EnergyPart
{
    /// <summary>Off-chip memory.</summary>
    Dram,

    /// <summary>On-chip buffer.</summary>
    Buffer,

    /// <summary>Processing elements with their own storage.</summary>
    Core,

    /// <summary>Leakage: power times time.</summary>
    Static,
}

/// <summary>Something that a machine does.</summary>
/// <param name="Name">What, such as <c>mac</c>.</param>
/// <param name="Part">Part of the breakdown.</param>
/// <param name="Cost">What one costs.</param>
public sealed record MachineAction(string Name, EnergyPart Part, ActionCost Cost);

/// <summary>One layer on one machine.</summary>
/// <param name="ComputeCycles">Cycles of the array, DRAM apart.</param>
/// <param name="Cycles">Cycles in all.</param>
/// <param name="DramReadBytes">Bytes read from DRAM.</param>
/// <param name="DramWrittenBytes">Bytes written to DRAM.</param>
/// <param name="BufferReadBytes">Bytes read from the buffer.</param>
/// <param name="BufferWrittenBytes">Bytes written to the buffer.</param>
/// <param name="Counts">How often each action is done, in the order of <see cref="IMachine.Actions"/>.</param>
public sealed record LayerResult(
    double ComputeCycles, double Cycles, double DramReadBytes, double DramWrittenBytes, double BufferReadBytes, double BufferWrittenBytes,
    ImmutableArray<double> Counts);

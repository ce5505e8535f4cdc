using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator;

/// <summary>How instructions are executed; all engines give the same bits and the same traps.</summary>
public enum EngineKind
{
    /// <summary>Whole tiles with the host's multipliers and vector instructions.</summary>
    Fast = 0,

    /// <summary>Element by element; every product through leading-one detector, multiplexer, table, adder and shifter.</summary>
    Literal = 1,
}

/// <summary>How a <see cref="Machine"/> runs.</summary>
public sealed record MachineOptions
{
    /// <summary>Literal or fast.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>Kernels of the fast engine; null takes the best that the host has.</summary>
    public KernelTier? Tier { get; init; }

    /// <summary>
    /// Null: of the instructions that may start, the first in program order is executed. A number: a pseudo-random one of them, the same
    /// choice for the same number; a correctly synchronized program gives the same results.
    /// </summary>
    public int? InterleavingSeed { get; init; }

    /// <summary>A product table with a wrong entry, for the literal machine: shows that a comparison sees it.</summary>
    internal ProductTable? Fault { get; init; }

    /// <summary>
    /// Whether the array takes plain operands too, as no machine does: the host's multipliers run the weights-only form of a network at the
    /// fast engine's speed, to be compared with the reference.
    /// </summary>
    internal bool PlainOperands { get; init; }
}

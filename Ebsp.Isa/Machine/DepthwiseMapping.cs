namespace Ebsp.Isa.Machine;

/// <summary>What array instructions may lay onto the PE array: a limit for compilers, and what the circuit around it can do.</summary>
public enum DepthwiseMapping
{
    /// <summary>One output pixel a step. DEPTHWISE: max(1, min(floor(rows / (R*S)), floor(columns / multiplier))) channels a fold, on the
    /// diagonal.</summary>
    BlockDiagonal = 0,

    /// <summary>One output pixel a step. DEPTHWISE: one channel a fold.</summary>
    OneChannel = 1,

    /// <summary>As block-diagonal, and beyond it several output pixels a step side by side, and more output channels an instruction than
    /// there are columns, one set of weights after another.</summary>
    Unrolled = 2,
}

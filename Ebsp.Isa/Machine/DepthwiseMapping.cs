namespace Ebsp.Isa.Machine;

/// <summary>How DEPTHWISE uses the PE array.</summary>
public enum DepthwiseMapping
{
    /// <summary>max(1, min(floor(rows / (R*S)), floor(columns / multiplier))) channels a fold, on the diagonal.</summary>
    BlockDiagonal = 0,

    /// <summary>One channel a fold.</summary>
    OneChannel = 1,
}

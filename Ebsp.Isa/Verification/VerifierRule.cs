namespace Ebsp.Isa.Verification;

/// <summary>What the static verifier proves of a valid program; the number is that of the code EBSPnnnn (docs/verifier.md).</summary>
public enum VerifierRule
{
    /// <summary>Every value that an instruction waits for is at most the number of instructions that signal its counter.</summary>
    Unreachable = 4101,

    /// <summary>Every instruction is executed, whatever the order in which units start.</summary>
    Deadlock = 4102,

    /// <summary>Two accesses to a byte, one of them a write, are ordered by the program order of one unit or by counters.</summary>
    Race = 4103,

    /// <summary>Every byte that is read was written before; input, weights and tables are written by the host.</summary>
    Uninitialized = 4104,

    /// <summary>Every byte of the output that the host reads is written.</summary>
    Output = 4105,

    /// <summary>A feature map is read in the format in which it was written.</summary>
    Format = 4106,

    /// <summary>The bytes of an operand are one piece of one tensor, or of tensors that lie side by side, and the piece lies inside
    /// it.</summary>
    Operand = 4107,

    /// <summary>The weights, and the biases, of an array instruction are one stretch of the weights region.</summary>
    Weights = 4108,

    /// <summary>All tiles of a tensor read their operand at the same place relative to the tile.</summary>
    Window = 4109,

    /// <summary>The program is small enough to be verified: no finding about it, but no proof either.</summary>
    Limit = 4110,
}

namespace Ebsp.Compiler.Tiling;

/// <summary>What the compiler optimizes.</summary>
public enum OptimizeFor
{
    /// <summary>Cycles of a run.</summary>
    Cycles = 0,

    /// <summary>Bytes of the program: as few tiles as fit, nothing added for speed.</summary>
    Size = 1,
}

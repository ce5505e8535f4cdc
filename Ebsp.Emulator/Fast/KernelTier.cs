namespace Ebsp.Emulator;

/// <summary>Host instructions that the fast engine's kernels use, best first.</summary>
public enum KernelTier
{
    /// <summary>AVX-VNNI, 256 bits (not in the net8.0 build).</summary>
    AvxVnni = 0,

    /// <summary>AVX2: products of int16 pairs.</summary>
    Avx2 = 1,

    /// <summary>The portable 128-bit vectors of .NET.</summary>
    Vector128 = 2,

    /// <summary>No vector instructions.</summary>
    Scalar = 3,
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ebsp.Emulator.Fast.Kernels;

namespace Ebsp.Emulator;

/// <summary>The kernel tiers: whether this host has them, and the kernels of each.</summary>
public static class KernelTiers
{
    // One row a tier, in the order of the enumeration.
    private static readonly Row[] Rows =
    [
#if NET9_0_OR_GREATER
        new(KernelTier.AvxVnni, AvxVnni.IsSupported && Avx2.IsSupported, () => new AvxVnniArrayKernel(),
            () => Avx512F.IsSupported && Avx512BW.IsSupported ? new WideVectorKernel<Lanes512, Vector512<int>, Vector512<long>>() : Wide()),
#else
        new(KernelTier.AvxVnni, false, () => throw new PlatformNotSupportedException(), Wide),
#endif
        new(KernelTier.Avx2, Avx2.IsSupported, () => new Avx2ArrayKernel(), Wide),
        new(KernelTier.Vector128, Vector128.IsHardwareAccelerated, () => new Vector128ArrayKernel(), () => new ScalarVectorKernel()),
        new(KernelTier.Scalar, true, () => new ScalarArrayKernel(), () => new ScalarVectorKernel()),
    ];

    /// <summary>The tiers that this host, and this build, can run, best first; at least one.</summary>
    public static IReadOnlyList<KernelTier> Supported { get; } = [.. Rows.Where(row => row.IsSupported).Select(row => row.Tier)];

    /// <summary>Whether this host, and this build, can run a tier.</summary>
    /// <param name="tier">The tier.</param>
    public static bool IsSupported(KernelTier tier) => Supported.Contains(tier);

    internal static ArrayKernel ArrayKernelOf(KernelTier tier) => Rows[(int)tier].Array();

    internal static VectorKernel VectorKernelOf(KernelTier tier) => Rows[(int)tier].Vector();

    private static WideVectorKernel<Lanes256, Vector256<int>, Vector256<long>> Wide() => new();

    private sealed record Row(KernelTier Tier, bool IsSupported, Func<ArrayKernel> Array, Func<VectorKernel> Vector);
}

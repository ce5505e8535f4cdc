using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ebsp.Emulator.Fast.Kernels;

namespace Ebsp.Emulator.Fast;

/// <summary>Which kernels the host has, and which ones a tier takes.</summary>
internal static class HostKernels
{
    public static KernelTier Best => Enum.GetValues<KernelTier>().First(IsSupported);

    public static bool IsSupported(KernelTier tier) => tier switch
    {
#if NET9_0_OR_GREATER
        KernelTier.AvxVnni => AvxVnni.IsSupported && Avx2.IsSupported,
#endif
        KernelTier.Avx2 => Avx2.IsSupported,
        KernelTier.Vector128 => Vector128.IsHardwareAccelerated,
        KernelTier.Scalar => true,
        _ => false,
    };

    public static ArrayKernel ArrayKernelOf(KernelTier tier) => tier switch
    {
#if NET9_0_OR_GREATER
        KernelTier.AvxVnni => new AvxVnniArrayKernel(),
#endif
        KernelTier.Avx2 => new Avx2ArrayKernel(),
        KernelTier.Vector128 => new Vector128ArrayKernel(),
        _ => new ScalarArrayKernel(),
    };

    public static VectorKernel VectorKernelOf(KernelTier tier) => tier switch
    {
        KernelTier.AvxVnni when Avx512F.IsSupported && Avx512BW.IsSupported =>
            new WideVectorKernel<Lanes512, Vector512<int>, Vector512<long>>(),
        KernelTier.AvxVnni or KernelTier.Avx2 => new WideVectorKernel<Lanes256, Vector256<int>, Vector256<long>>(),
        _ => new ScalarVectorKernel(),
    };
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>Portable 128-bit vectors: u8 x s8 is exact in int16 because |w| &lt;= 127; products are widened and added.</summary>
internal sealed class Vector128ArrayKernel : ArrayKernel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe void Run(in KernelCall call)
    {
        for (int p = 0; p < call.PixelCount; p++)
        {
            byte* source = call.Source + call.Pixels[p];
            int* output = call.Output + (nint)p * call.OutputPitch;
            for (int j = 0; j < Width; j += 4)
            {
                Vector128<int> sum0 = Vector128<int>.Zero;
                Vector128<int> sum1 = Vector128<int>.Zero;
                Vector128<int> sum2 = Vector128<int>.Zero;
                Vector128<int> sum3 = Vector128<int>.Zero;
                sbyte* panel = call.Panel + j * 4;
                for (int i = 0; i < call.Steps; i++, panel += call.PanelPitch)
                {
                    Vector128<short> a = Vector128.WidenLower(Vector128.Create(*(uint*)(source + call.Taps[i])).AsByte()).AsInt16();
                    (Vector128<short> w01, Vector128<short> w23) = Vector128.Widen(Vector128.Load(panel));
                    Vector128<short> p01 = w01 * a;
                    Vector128<short> p23 = w23 * a;
                    sum0 += Vector128.WidenLower(p01);
                    sum1 += Vector128.WidenUpper(p01);
                    sum2 += Vector128.WidenLower(p23);
                    sum3 += Vector128.WidenUpper(p23);
                }

                Vector128<int> sums = Vector128.Create(Vector128.Sum(sum0), Vector128.Sum(sum1), Vector128.Sum(sum2), Vector128.Sum(sum3))
                    + Vector128.Load(call.Start + j);
                if (call.Accumulate)
                    sums += Vector128.Load(output + j);
                sums.Store(output + j);
            }
        }
    }
}

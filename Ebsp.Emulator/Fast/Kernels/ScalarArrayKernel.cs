using System.Runtime.CompilerServices;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>Plain loops.</summary>
internal sealed class ScalarArrayKernel : ArrayKernel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe void Run(in KernelCall call)
    {
        for (int p = 0; p < call.PixelCount; p++)
        {
            byte* source = call.Source + call.Pixels[p];
            int* output = call.Output + (nint)p * call.OutputPitch;
            for (int j = 0; j < Width; j++)
            {
                int sum = call.Start[j] + (call.Accumulate ? output[j] : 0);
                sbyte* panel = call.Panel + j * 4;
                for (int i = 0; i < call.Steps; i++, panel += call.PanelPitch)
                {
                    byte* a = source + call.Taps[i];
                    sum += a[0] * panel[0] + a[1] * panel[1] + a[2] * panel[2] + a[3] * panel[3];
                }

                output[j] = sum;
            }
        }
    }
}

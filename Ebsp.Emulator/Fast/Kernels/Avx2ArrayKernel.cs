using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>vpmaddwd on int16 pairs, exact; three pixels share the widened weights.</summary>
internal sealed class Avx2ArrayKernel : ArrayKernel
{
    private const int Pixels = 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe void Run(in KernelCall call)
    {
        int* scratch = stackalloc int[Pixels * Width];
        for (int p = 0; p < call.PixelCount; p += Pixels)
        {
            // Missing pixels of the last group repeat its last pixel; their sums are dropped.
            int last = call.PixelCount - 1;
            byte* source0 = call.Source + call.Pixels[p];
            byte* source1 = call.Source + call.Pixels[Math.Min(p + 1, last)];
            byte* source2 = call.Source + call.Pixels[Math.Min(p + 2, last)];
            for (int half = 0; half < Width; half += 8)
                Half(call, source0, source1, source2, half, scratch + half);
            for (int i = 0; i < Pixels && p + i < call.PixelCount; i++)
            {
                int* output = call.Output + (nint)(p + i) * call.OutputPitch;
                for (int j = 0; j < Width; j += 8)
                {
                    Vector256<int> sum = Vector256.Load(scratch + i * Width + j) + Vector256.Load(call.Start + j);
                    (call.Accumulate ? sum + Vector256.Load(output + j) : sum).Store(output + j);
                }
            }
        }
    }

    // Eight channels: two registers of four channels, each with two int32 sums a channel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Half(in KernelCall call, byte* source0, byte* source1, byte* source2, int half, int* sums)
    {
        Vector256<int> low0 = default, low1 = default, low2 = default, high0 = default, high1 = default, high2 = default;
        sbyte* panel = call.Panel + half * 4;
        nint panelPitch = call.PanelPitch;
        int* taps = call.Taps;
        for (int i = call.Steps; i > 0; i--, panel += panelPitch, taps++)
        {
            int tap = *taps;
            Vector256<short> w0 = Avx2.ConvertToVector256Int16(panel);
            Vector256<short> w1 = Avx2.ConvertToVector256Int16(panel + 16);
            Vector256<short> a0 = Avx2.ConvertToVector256Int16(Vector128.Create(*(uint*)(source0 + tap)).AsByte());
            low0 = Avx2.Add(low0, Avx2.MultiplyAddAdjacent(a0, w0));
            high0 = Avx2.Add(high0, Avx2.MultiplyAddAdjacent(a0, w1));
            Vector256<short> a1 = Avx2.ConvertToVector256Int16(Vector128.Create(*(uint*)(source1 + tap)).AsByte());
            low1 = Avx2.Add(low1, Avx2.MultiplyAddAdjacent(a1, w0));
            high1 = Avx2.Add(high1, Avx2.MultiplyAddAdjacent(a1, w1));
            Vector256<short> a2 = Avx2.ConvertToVector256Int16(Vector128.Create(*(uint*)(source2 + tap)).AsByte());
            low2 = Avx2.Add(low2, Avx2.MultiplyAddAdjacent(a2, w0));
            high2 = Avx2.Add(high2, Avx2.MultiplyAddAdjacent(a2, w1));
        }

        Fold(low0, high0).Store(sums);
        Fold(low1, high1).Store(sums + Width);
        Fold(low2, high2).Store(sums + 2 * Width);
    }

    // Adds the two sums of each channel: low holds channels 0..3, high 4..7.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Fold(Vector256<int> low, Vector256<int> high) =>
        Avx2.Permute4x64(Avx2.HorizontalAdd(low, high).AsInt64(), 0b11_01_10_00).AsInt32();
}

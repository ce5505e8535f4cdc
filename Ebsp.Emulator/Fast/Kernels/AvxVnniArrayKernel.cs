#if NET9_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>vpdpbusd, 256 bits: six pixels by sixteen channels in twelve accumulators.</summary>
internal sealed class AvxVnniArrayKernel : ArrayKernel
{
    private const int Pixels = 6;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe void Run(in KernelCall call)
    {
        int p = 0;
        for (; p + Pixels <= call.PixelCount; p += Pixels)
            Six(call, call.Pixels + p, call.Output + (nint)p * call.OutputPitch, call.OutputPitch);
        int rest = call.PixelCount - p;
        if (rest == 0)
            return;
        int* tail = call.Output + (nint)p * call.OutputPitch;
        if (rest == 1)
        {
            One(call, call.Source + call.Pixels[p], tail);
            return;
        }

        // The last pixels once more in a tile of six: the missing ones repeat the last, their sums are dropped.
        int* pixels = stackalloc int[Pixels];
        int* sums = stackalloc int[Pixels * Width];
        for (int i = 0; i < Pixels; i++)
        {
            int from = Math.Min(i, rest - 1);
            pixels[i] = call.Pixels[p + from];
            if (call.Accumulate)
                new ReadOnlySpan<int>(tail + (nint)from * call.OutputPitch, Width).CopyTo(new Span<int>(sums + i * Width, Width));
        }

        Six(call, pixels, sums, Width);
        for (int i = 0; i < rest; i++)
            new ReadOnlySpan<int>(sums + i * Width, Width).CopyTo(new Span<int>(tail + (nint)i * call.OutputPitch, Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Six(in KernelCall call, int* pixels, int* output, nint pitch)
    {
        byte* source0 = call.Source + pixels[0];
        byte* source1 = call.Source + pixels[1];
        byte* source2 = call.Source + pixels[2];
        byte* source3 = call.Source + pixels[3];
        byte* source4 = call.Source + pixels[4];
        byte* source5 = call.Source + pixels[5];
        Vector256<int> low0 = Vector256.Load(call.Start);
        Vector256<int> high0 = Vector256.Load(call.Start + 8);
        Vector256<int> low1 = low0, low2 = low0, low3 = low0, low4 = low0, low5 = low0;
        Vector256<int> high1 = high0, high2 = high0, high3 = high0, high4 = high0, high5 = high0;
        sbyte* panel = call.Panel;
        nint panelPitch = call.PanelPitch;
        int* tap = call.Taps;
        for (int* end = tap + call.Steps; tap < end; tap++, panel += panelPitch)
        {
            nint at = *tap;
            Vector256<sbyte> w0 = Vector256.Load(panel);
            Vector256<sbyte> w1 = Vector256.Load(panel + 32);
            Vector256<byte> a = Broadcast(source0 + at);
            low0 = AvxVnni.MultiplyWideningAndAdd(low0, a, w0);
            high0 = AvxVnni.MultiplyWideningAndAdd(high0, a, w1);
            a = Broadcast(source1 + at);
            low1 = AvxVnni.MultiplyWideningAndAdd(low1, a, w0);
            high1 = AvxVnni.MultiplyWideningAndAdd(high1, a, w1);
            a = Broadcast(source2 + at);
            low2 = AvxVnni.MultiplyWideningAndAdd(low2, a, w0);
            high2 = AvxVnni.MultiplyWideningAndAdd(high2, a, w1);
            a = Broadcast(source3 + at);
            low3 = AvxVnni.MultiplyWideningAndAdd(low3, a, w0);
            high3 = AvxVnni.MultiplyWideningAndAdd(high3, a, w1);
            a = Broadcast(source4 + at);
            low4 = AvxVnni.MultiplyWideningAndAdd(low4, a, w0);
            high4 = AvxVnni.MultiplyWideningAndAdd(high4, a, w1);
            a = Broadcast(source5 + at);
            low5 = AvxVnni.MultiplyWideningAndAdd(low5, a, w0);
            high5 = AvxVnni.MultiplyWideningAndAdd(high5, a, w1);
        }

        Store(call, output, low0, high0);
        Store(call, output + pitch, low1, high1);
        Store(call, output + 2 * pitch, low2, high2);
        Store(call, output + 3 * pitch, low3, high3);
        Store(call, output + 4 * pitch, low4, high4);
        Store(call, output + 5 * pitch, low5, high5);
    }

    // One pixel: four pairs of accumulators hide the latency of vpdpbusd.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void One(in KernelCall call, byte* source, int* output)
    {
        Vector256<int> low0 = Vector256.Load(call.Start);
        Vector256<int> high0 = Vector256.Load(call.Start + 8);
        Vector256<int> low1 = default, low2 = default, low3 = default, high1 = default, high2 = default, high3 = default;
        sbyte* panel = call.Panel;
        nint panelPitch = call.PanelPitch;
        int* tap = call.Taps;
        int steps = call.Steps;
        for (; steps >= 4; steps -= 4, tap += 4, panel += panelPitch)
        {
            Vector256<byte> a = Broadcast(source + tap[0]);
            low0 = AvxVnni.MultiplyWideningAndAdd(low0, a, Vector256.Load(panel));
            high0 = AvxVnni.MultiplyWideningAndAdd(high0, a, Vector256.Load(panel + 32));
            panel += panelPitch;
            a = Broadcast(source + tap[1]);
            low1 = AvxVnni.MultiplyWideningAndAdd(low1, a, Vector256.Load(panel));
            high1 = AvxVnni.MultiplyWideningAndAdd(high1, a, Vector256.Load(panel + 32));
            panel += panelPitch;
            a = Broadcast(source + tap[2]);
            low2 = AvxVnni.MultiplyWideningAndAdd(low2, a, Vector256.Load(panel));
            high2 = AvxVnni.MultiplyWideningAndAdd(high2, a, Vector256.Load(panel + 32));
            panel += panelPitch;
            a = Broadcast(source + tap[3]);
            low3 = AvxVnni.MultiplyWideningAndAdd(low3, a, Vector256.Load(panel));
            high3 = AvxVnni.MultiplyWideningAndAdd(high3, a, Vector256.Load(panel + 32));
        }

        for (; steps > 0; steps--, tap++, panel += panelPitch)
        {
            Vector256<byte> a = Broadcast(source + *tap);
            low0 = AvxVnni.MultiplyWideningAndAdd(low0, a, Vector256.Load(panel));
            high0 = AvxVnni.MultiplyWideningAndAdd(high0, a, Vector256.Load(panel + 32));
        }

        Store(call, output, low0 + low1 + (low2 + low3), high0 + high1 + (high2 + high3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<byte> Broadcast(byte* source) => Vector256.Create(*(uint*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Store(in KernelCall call, int* output, Vector256<int> low, Vector256<int> high)
    {
        if (call.Accumulate)
        {
            low += Vector256.Load(output);
            high += Vector256.Load(output + 8);
        }

        low.Store(output);
        high.Store(output + 8);
    }
}
#endif

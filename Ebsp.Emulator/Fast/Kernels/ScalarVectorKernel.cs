using System.Runtime.CompilerServices;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>Plain loops.</summary>
internal sealed unsafe class ScalarVectorKernel : VectorKernel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(byte* slots, int* values, int count, byte sign)
    {
        for (int i = 0; i < count; i++)
        {
            int slot = slots[i];
            values[i] = (slot & sign) != 0 ? -(slot ^ sign) : slot;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Requantize(in RequantizeCall call, int* results)
    {
        for (int i = 0, j = 0; i < call.Count; i++, j = j + 1 == call.Period ? 0 : j + 1)
        {
            long d = (j & 1) == 0 ? call.EvenD[j >> 1] : call.OddD[j >> 1];
            long b = call.B == null ? 0 : (long)call.B[i] * call.Second;
            results[i] = Requantization.Clamp(unchecked((long)call.A[i] * call.M[j] + b + d) >> call.Shift, call.Lo, call.Hi);
        }
    }

    public override void RequantizeToSlots(in RequantizeCall call, int* results, byte* slots, in SlotEncoding encoding, byte[] table)
    {
        Requantize(call, results);
        EncodeByTable(results, slots, call.Count, table);
    }
}

using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>Plain loops.</summary>
internal sealed unsafe class ScalarVectorKernel : VectorKernel
{
    public override void Decode(byte* slots, int* values, int count, byte sign)
    {
        for (int i = 0; i < count; i++)
        {
            int slot = slots[i];
            values[i] = (slot & sign) != 0 ? -(slot ^ sign) : slot;
        }
    }

    public override void Requantise(in RequantiseCall call)
    {
        for (int i = 0; i < call.Count; i++)
        {
            long d = (i & 1) == 0 ? call.EvenD[i >> 1] : call.OddD[i >> 1];
            long b = call.B == null ? 0 : (long)call.B[i] * call.Second;
            call.Result[i] = Requantisation.Clamp(unchecked((long)call.A[i] * call.M[i] + b + d) >> call.Shift, call.Lo, call.Hi);
        }
    }

    public override void Encode(int* values, byte* slots, int count, in SlotEncoding encoding, byte[] table) => EncodeByTable(values, slots, count, table);
}

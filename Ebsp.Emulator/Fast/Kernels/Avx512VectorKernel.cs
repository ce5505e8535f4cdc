using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>AVX-512: sixteen elements at a time.</summary>
internal sealed unsafe class Avx512VectorKernel : VectorKernel
{
    private const int Lanes = 16;

    public override void Decode(byte* slots, int* values, int count, byte sign)
    {
        Vector512<int> signs = Vector512.Create((int)sign);
        for (int i = 0; i < count; i += Lanes)
        {
            Vector512<int> v = Avx512F.ConvertToVector512Int32(Vector128.Load(slots + i));
            Vector512<int> bit = v & signs;
            Vector512<int> magnitude = v ^ bit;
            Vector512<int> positive = Vector512.Equals(bit, Vector512<int>.Zero);
            Vector512.ConditionalSelect(positive, magnitude, Vector512<int>.Zero - magnitude).Store(values + i);
        }
    }

    public override void Requantise(in RequantiseCall call)
    {
        Vector512<long> lo = Vector512.Create((long)call.Lo);
        Vector512<long> hi = Vector512.Create((long)call.Hi);
        Vector512<int> second = Vector512.Create(call.Second);
        Vector512<int> low = Vector512.Create(0x00000000FFFFFFFFUL).AsInt32();
        int shift = call.Shift;
        for (int i = 0; i < call.Count; i += Lanes)
        {
            Vector512<int> a = Vector512.Load(call.A + i);
            Vector512<int> m = Vector512.Load(call.M + i);
            Vector512<long> even = Avx512F.Multiply(a, m) + Vector512.Load(call.EvenD + i / 2);
            Vector512<long> odd = Avx512F.Multiply(Odd(a), Odd(m)) + Vector512.Load(call.OddD + i / 2);
            if (call.B != null)
            {
                Vector512<int> b = Vector512.Load(call.B + i);
                even += Avx512F.Multiply(b, second);
                odd += Avx512F.Multiply(Odd(b), second);
            }

            Vector512<int> evenResult = Finish(even, shift, lo, hi).AsInt32();
            Vector512<int> oddResult = Vector512.ShiftLeft(Finish(odd, shift, lo, hi), 32).AsInt32();
            Vector512.ConditionalSelect(low, evenResult, oddResult).Store(call.Result + i);
        }
    }

    // The float form of a magnitude has its leading one found: rounding to k bits is an addition below the mantissa's last kept bit and a mask.
    public override void Encode(int* values, byte* slots, int count, in SlotEncoding encoding, byte[] table)
    {
        PatternFormat format = encoding.Format;
        if (format.Kind == FormatKind.SingleRun || (!format.IsPattern && encoding.Term == 2))
        {
            EncodeByTable(values, slots, count, table);
            return;
        }

        Vector512<int> max = Vector512.Create(format.MaxMagnitude);
        Vector512<int> sign = Vector512.Create((int)encoding.Sign);
        bool pattern = format.IsPattern;
        Vector512<int> half = Vector512.Create(pattern ? 1 << (23 - format.PatternLength) : 0);
        Vector512<int> kept = Vector512.Create(pattern ? -1 << (24 - format.PatternLength) : -1);
        for (int i = 0; i < count; i += Lanes)
        {
            Vector512<int> value = Vector512.Load(values + i);
            Vector512<int> magnitude = Vector512.Abs(value);
            if (pattern)
            {
                magnitude = encoding.Term switch
                {
                    0 => Vector512.Min(Round(magnitude, half, kept), max),
                    1 => Floor(Vector512.Min(magnitude, max), kept),
                    _ => Vector512.Min(Round(magnitude - Floor(Vector512.Min(magnitude, max), kept), half, kept), max),
                };
            }
            else
            {
                magnitude = Vector512.Min(magnitude, max);
            }

            Vector512<int> negative = Vector512.LessThan(value, Vector512<int>.Zero) & Vector512.GreaterThan(magnitude, Vector512<int>.Zero);
            Vector512<int> code = magnitude | (sign & negative);
            Avx512F.ConvertToVector128Byte(code).Store(slots + i);
        }
    }

    private static Vector512<long> Finish(Vector512<long> sum, int shift, Vector512<long> lo, Vector512<long> hi) =>
        Avx512F.Max(Avx512F.Min(Vector512.ShiftRightArithmetic(sum, shift), hi), lo);

    private static Vector512<int> Odd(Vector512<int> v) => Vector512.ShiftRightLogical(v.AsUInt64(), 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Round(Vector512<int> magnitude, Vector512<int> half, Vector512<int> kept) =>
        Vector512.ConvertToInt32(((Vector512.ConvertToSingle(magnitude).AsInt32() + half) & kept).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Floor(Vector512<int> magnitude, Vector512<int> kept) =>
        Vector512.ConvertToInt32((Vector512.ConvertToSingle(magnitude).AsInt32() & kept).AsSingle());
}

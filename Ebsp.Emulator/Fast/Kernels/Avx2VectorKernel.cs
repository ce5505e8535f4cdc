using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>AVX2: eight elements at a time.</summary>
internal sealed unsafe class Avx2VectorKernel : VectorKernel
{
    private const int Lanes = 8;

    public override void Decode(byte* slots, int* values, int count, byte sign)
    {
        Vector256<int> signs = Vector256.Create((int)sign);
        for (int i = 0; i < count; i += Lanes)
        {
            Vector256<int> v = Avx2.ConvertToVector256Int32(slots + i);
            Vector256<int> bit = v & signs;
            Vector256<int> magnitude = v ^ bit;
            Vector256<int> positive = Vector256.Equals(bit, Vector256<int>.Zero);
            Vector256.ConditionalSelect(positive, magnitude, Vector256<int>.Zero - magnitude).Store(values + i);
        }
    }

    public override void Requantise(in RequantiseCall call)
    {
        Vector256<long> lo = Vector256.Create((long)call.Lo);
        Vector256<long> hi = Vector256.Create((long)call.Hi);
        Vector256<int> second = Vector256.Create(call.Second);
        Vector256<int> low = Vector256.Create(0x00000000FFFFFFFFUL).AsInt32();
        int shift = call.Shift;
        for (int i = 0; i < call.Count; i += Lanes)
        {
            Vector256<int> a = Vector256.Load(call.A + i);
            Vector256<int> m = Vector256.Load(call.M + i);
            Vector256<long> even = Avx2.Multiply(a, m) + Vector256.Load(call.EvenD + i / 2);
            Vector256<long> odd = Avx2.Multiply(Odd(a), Odd(m)) + Vector256.Load(call.OddD + i / 2);
            if (call.B != null)
            {
                Vector256<int> b = Vector256.Load(call.B + i);
                even += Avx2.Multiply(b, second);
                odd += Avx2.Multiply(Odd(b), second);
            }

            Vector256<int> evenResult = Finish(even, shift, lo, hi).AsInt32();
            Vector256<int> oddResult = Vector256.ShiftLeft(Finish(odd, shift, lo, hi), 32).AsInt32();
            Vector256.ConditionalSelect(low, evenResult, oddResult).Store(call.Result + i);
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

        Vector256<int> max = Vector256.Create(format.MaxMagnitude);
        Vector256<int> sign = Vector256.Create((int)encoding.Sign);
        bool pattern = format.IsPattern;
        Vector256<int> half = Vector256.Create(pattern ? 1 << (23 - format.PatternLength) : 0);
        Vector256<int> kept = Vector256.Create(pattern ? -1 << (24 - format.PatternLength) : -1);
        for (int i = 0; i < count; i += Lanes)
        {
            Vector256<int> value = Vector256.Load(values + i);
            Vector256<int> magnitude = Vector256.Abs(value);
            if (pattern)
            {
                magnitude = encoding.Term switch
                {
                    0 => Vector256.Min(Round(magnitude, half, kept), max),
                    1 => Floor(Vector256.Min(magnitude, max), kept),
                    _ => Vector256.Min(Round(magnitude - Floor(Vector256.Min(magnitude, max), kept), half, kept), max),
                };
            }
            else
            {
                magnitude = Vector256.Min(magnitude, max);
            }

            Vector256<int> negative = Vector256.LessThan(value, Vector256<int>.Zero) & Vector256.GreaterThan(magnitude, Vector256<int>.Zero);
            Vector256<int> code = magnitude | (sign & negative);
            Vector128<short> words = Vector128.Narrow(code.GetLower(), code.GetUpper());
            *(long*)(slots + i) = Vector128.Narrow(words, words).AsInt64().ToScalar();
        }
    }

    // AVX2 has no arithmetic shift of 64-bit lanes: x + 2^63 is shifted as unsigned, then 2^63 >> n is taken off again.
    private static Vector256<long> Finish(Vector256<long> sum, int shift, Vector256<long> lo, Vector256<long> hi)
    {
        Vector256<long> sign = Vector256.Create(long.MinValue);
        Vector256<long> r = Vector256.ShiftRightLogical(sum ^ sign, shift) - Vector256.ShiftRightLogical(sign, shift);
        r = Avx2.BlendVariable(r, hi, Avx2.CompareGreaterThan(r, hi));
        return Avx2.BlendVariable(r, lo, Avx2.CompareGreaterThan(lo, r));
    }

    private static Vector256<int> Odd(Vector256<int> v) => Vector256.ShiftRightLogical(v.AsUInt64(), 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<int> magnitude, Vector256<int> half, Vector256<int> kept) =>
        Vector256.ConvertToInt32(((Vector256.ConvertToSingle(magnitude).AsInt32() + half) & kept).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Floor(Vector256<int> magnitude, Vector256<int> kept) =>
        Vector256.ConvertToInt32((Vector256.ConvertToSingle(magnitude).AsInt32() & kept).AsSingle());
}

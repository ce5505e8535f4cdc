using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>AVX2: eight elements at a time.</summary>
internal sealed unsafe class Avx2VectorKernel : VectorKernel
{
    private const int Lanes = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Requantise(in RequantiseCall call, int* results)
    {
        Scaler scaler = new(call);
        for (int i = 0; i < call.Count; i += Lanes)
            scaler.At(call, i).Store(results + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RequantiseToSlots(in RequantiseCall call, int* results, byte* slots, in SlotEncoding encoding, byte[] table)
    {
        PatternFormat format = encoding.Format;
        if (format.Kind == FormatKind.SingleRun || (!format.IsPattern && encoding.Term == 2))
        {
            Requantise(call, results);
            EncodeByTable(results, slots, call.Count, table);
            return;
        }

        Scaler scaler = new(call);
        Encoder encoder = new(encoding);
        if (!format.IsPattern)
        {
            for (int i = 0; i < call.Count; i += Lanes)
                encoder.Plain(scaler.At(call, i), slots + i);
        }
        else if (encoding.Term == 0)
        {
            for (int i = 0; i < call.Count; i += Lanes)
                encoder.Whole(scaler.At(call, i), slots + i);
        }
        else if (encoding.Term == 1)
        {
            for (int i = 0; i < call.Count; i += Lanes)
                encoder.First(scaler.At(call, i), slots + i);
        }
        else
        {
            for (int i = 0; i < call.Count; i += Lanes)
                encoder.Second(scaler.At(call, i), slots + i);
        }
    }

    // r = clamp((a * m + b * mb + d) >> n): the multiplier takes the even lanes, the odd ones are moved there.
    private readonly struct Scaler
    {
        private readonly Vector256<long> _lo;
        private readonly Vector256<long> _hi;
        private readonly Vector256<int> _second;
        private readonly int _count;

        public Scaler(in RequantiseCall call)
        {
            _lo = Vector256.Create((long)call.Lo);
            _hi = Vector256.Create((long)call.Hi);
            _second = Vector256.Create(call.Second);
            _count = call.Shift;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector256<int> At(in RequantiseCall call, int i)
        {
            Vector256<int> a = Vector256.Load(call.A + i);
            Vector256<int> m = Vector256.Load(call.M + i);
            Vector256<long> even = Avx2.Multiply(a, m) + Vector256.Load(call.EvenD + i / 2);
            Vector256<long> odd = Avx2.Multiply(Odd(a), Odd(m)) + Vector256.Load(call.OddD + i / 2);
            if (call.B != null)
            {
                Vector256<int> b = Vector256.Load(call.B + i);
                even += Avx2.Multiply(b, _second);
                odd += Avx2.Multiply(Odd(b), _second);
            }

            Vector256<int> oddResult = Vector256.ShiftLeft(Finish(odd), 32).AsInt32();
            return Vector256.ConditionalSelect(Vector256.Create(0x00000000FFFFFFFFUL).AsInt32(), Finish(even).AsInt32(), oddResult);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<int> Odd(Vector256<int> v) => Vector256.ShiftRightLogical(v.AsUInt64(), 32).AsInt32();

        // AVX2 has no arithmetic shift of 64-bit lanes: x + 2^63 is shifted as unsigned, then 2^63 >> n is taken off again.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector256<long> Finish(Vector256<long> sum)
        {
            Vector256<long> sign = Vector256.Create(long.MinValue);
            Vector256<long> r = Vector256.ShiftRightLogical(sum ^ sign, _count) - Vector256.ShiftRightLogical(sign, _count);
            r = Avx2.BlendVariable(r, _hi, Avx2.CompareGreaterThan(r, _hi));
            return Avx2.BlendVariable(r, _lo, Avx2.CompareGreaterThan(_lo, r));
        }
    }

    // The float form of a magnitude has its leading one found: rounding to k bits is an addition below the mantissa's last kept bit and a mask.
    private readonly struct Encoder
    {
        private readonly Vector256<int> _max;
        private readonly Vector256<int> _sign;
        private readonly Vector256<int> _half;
        private readonly Vector256<int> _kept;

        public Encoder(in SlotEncoding encoding)
        {
            _max = Vector256.Create(encoding.Format.MaxMagnitude);
            _sign = Vector256.Create((int)encoding.Sign);
            _half = Vector256.Create(1 << (23 - encoding.Format.PatternLength));
            _kept = Vector256.Create(-1 << (24 - encoding.Format.PatternLength));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Plain(Vector256<int> value, byte* slots) => Store(value, Vector256.Min(Vector256.Abs(value), _max), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Whole(Vector256<int> value, byte* slots) => Store(value, Vector256.Min(Round(Vector256.Abs(value)), _max), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void First(Vector256<int> value, byte* slots) => Store(value, Floor(Vector256.Min(Vector256.Abs(value), _max)), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Second(Vector256<int> value, byte* slots)
        {
            Vector256<int> magnitude = Vector256.Abs(value);
            Store(value, Vector256.Min(Round(magnitude - Floor(Vector256.Min(magnitude, _max))), _max), slots);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector256<int> Round(Vector256<int> magnitude) => Vector256.ConvertToInt32(((Vector256.ConvertToSingle(magnitude).AsInt32() + _half) & _kept).AsSingle());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector256<int> Floor(Vector256<int> magnitude) => Vector256.ConvertToInt32((Vector256.ConvertToSingle(magnitude).AsInt32() & _kept).AsSingle());

        // No negative zero: the sign goes with magnitudes above zero only.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Store(Vector256<int> value, Vector256<int> magnitude, byte* slots)
        {
            Vector256<int> negative = Vector256.LessThan(value, Vector256<int>.Zero) & Vector256.GreaterThan(magnitude, Vector256<int>.Zero);
            Vector256<int> code = magnitude | (_sign & negative);
            Vector128<short> words = Vector128.Narrow(code.GetLower(), code.GetUpper());
            *(long*)slots = Vector128.Narrow(words, words).AsInt64().ToScalar();
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>AVX-512: sixteen elements at a time.</summary>
internal sealed unsafe class Avx512VectorKernel : VectorKernel
{
    private const int Lanes = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        private readonly Vector512<long> _lo;
        private readonly Vector512<long> _hi;
        private readonly Vector512<int> _second;
        private readonly Vector128<long> _count;

        public Scaler(in RequantiseCall call)
        {
            _lo = Vector512.Create((long)call.Lo);
            _hi = Vector512.Create((long)call.Hi);
            _second = Vector512.Create(call.Second);
            _count = Vector128.CreateScalar((long)call.Shift);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector512<int> At(in RequantiseCall call, int i)
        {
            Vector512<int> a = Vector512.Load(call.A + i);
            Vector512<int> m = Vector512.Load(call.M + i);
            Vector512<long> even = Avx512F.Multiply(a, m) + Vector512.Load(call.EvenD + i / 2);
            Vector512<long> odd = Avx512F.Multiply(Odd(a), Odd(m)) + Vector512.Load(call.OddD + i / 2);
            if (call.B != null)
            {
                Vector512<int> b = Vector512.Load(call.B + i);
                even += Avx512F.Multiply(b, _second);
                odd += Avx512F.Multiply(Odd(b), _second);
            }

            Vector512<int> oddResult = Vector512.ShiftLeft(Finish(odd), 32).AsInt32();
            return Vector512.ConditionalSelect(Vector512.Create(0x00000000FFFFFFFFUL).AsInt32(), Finish(even).AsInt32(), oddResult);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<int> Odd(Vector512<int> v) => Vector512.ShiftRightLogical(v.AsUInt64(), 32).AsInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector512<long> Finish(Vector512<long> sum) => Avx512F.Max(Avx512F.Min(Avx512F.ShiftRightArithmetic(sum, _count), _hi), _lo);
    }

    // The float form of a magnitude has its leading one found: rounding to k bits is an addition below the mantissa's last kept bit and a mask.
    private readonly struct Encoder
    {
        private readonly Vector512<int> _max;
        private readonly Vector512<int> _sign;
        private readonly Vector512<int> _half;
        private readonly Vector512<int> _kept;

        public Encoder(in SlotEncoding encoding)
        {
            _max = Vector512.Create(encoding.Format.MaxMagnitude);
            _sign = Vector512.Create((int)encoding.Sign);
            _half = Vector512.Create(1 << (23 - encoding.Format.PatternLength));
            _kept = Vector512.Create(-1 << (24 - encoding.Format.PatternLength));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Plain(Vector512<int> value, byte* slots) => Store(value, Vector512.Min(Vector512.Abs(value), _max), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Whole(Vector512<int> value, byte* slots) => Store(value, Vector512.Min(Round(Vector512.Abs(value)), _max), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void First(Vector512<int> value, byte* slots) => Store(value, Floor(Vector512.Min(Vector512.Abs(value), _max)), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Second(Vector512<int> value, byte* slots)
        {
            Vector512<int> magnitude = Vector512.Abs(value);
            Store(value, Vector512.Min(Round(magnitude - Floor(Vector512.Min(magnitude, _max))), _max), slots);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector512<int> Round(Vector512<int> magnitude) => Vector512.ConvertToInt32(((Vector512.ConvertToSingle(magnitude).AsInt32() + _half) & _kept).AsSingle());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector512<int> Floor(Vector512<int> magnitude) => Vector512.ConvertToInt32((Vector512.ConvertToSingle(magnitude).AsInt32() & _kept).AsSingle());

        // No negative zero: the sign goes with magnitudes above zero only.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Store(Vector512<int> value, Vector512<int> magnitude, byte* slots)
        {
            Vector512<int> negative = Vector512.LessThan(value, Vector512<int>.Zero) & Vector512.GreaterThan(magnitude, Vector512<int>.Zero);
            Vector512<int> code = magnitude | (_sign & negative);
            Avx512F.ConvertToVector128Byte(code).Store(slots);
        }
    }
}

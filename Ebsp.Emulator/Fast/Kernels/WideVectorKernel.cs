using System.Runtime.CompilerServices;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>The inner loops of VECTOR, once for every width of host vectors.</summary>
internal sealed unsafe class WideVectorKernel<TLanes, TInt, TLong> : VectorKernel
    where TLanes : struct, ILanes<TInt, TLong>
    where TInt : struct
    where TLong : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(byte* slots, int* values, int count, byte sign)
    {
        TInt signs = TLanes.Of(sign), zero = TLanes.Of(0);
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TInt v = TLanes.Widen(slots + i);
            TInt bit = TLanes.And(v, signs);
            // All ones where negative: m ^ -1 + 1 is -m.
            TInt negative = TLanes.Greater(bit, zero);
            TLanes.Store(TLanes.Subtract(TLanes.Xor(TLanes.Xor(v, bit), negative), negative), values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Requantize(in RequantizeCall call, int* results)
    {
        Scaler scaler = new(call);
        for (int i = 0, j = 0; i < call.Count; i += TLanes.Count, j = Next(j, call.Period))
            TLanes.Store(scaler.At(call, i, j), results + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RequantizeToSlots(in RequantizeCall call, int* results, byte* slots, in SlotEncoding encoding, byte[] table)
    {
        PatternFormat format = encoding.Format;
        if (format.Kind == FormatKind.SingleRun || (!format.IsPattern && encoding.Term == ResultTerm.Second))
        {
            Requantize(call, results);
            EncodeByTable(results, slots, call.Count, table);
            return;
        }

        Scaler scaler = new(call);
        Encoder encoder = new(encoding);
        int count = call.Count, period = call.Period;
        if (!format.IsPattern)
        {
            for (int i = 0, j = 0; i < count; i += TLanes.Count, j = Next(j, period))
                encoder.Plain(scaler.At(call, i, j), slots + i);
        }
        else if (encoding.Term == ResultTerm.Whole)
        {
            for (int i = 0, j = 0; i < count; i += TLanes.Count, j = Next(j, period))
                encoder.Whole(scaler.At(call, i, j), slots + i);
        }
        else if (encoding.Term == ResultTerm.First)
        {
            for (int i = 0, j = 0; i < count; i += TLanes.Count, j = Next(j, period))
                encoder.First(scaler.At(call, i, j), slots + i);
        }
        else
        {
            for (int i = 0, j = 0; i < count; i += TLanes.Count, j = Next(j, period))
                encoder.Second(scaler.At(call, i, j), slots + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(int j, int period) => j + TLanes.Count == period ? 0 : j + TLanes.Count;

    // r = clamp((a * m + b * mb + d) >> n): the multiplier takes the even lanes, the odd ones are moved there.
    private readonly struct Scaler
    {
        private readonly TLong _lo;
        private readonly TLong _hi;
        private readonly TInt _second;
        private readonly int _shift;

        public Scaler(in RequantizeCall call) =>
            (_lo, _hi, _second, _shift) = (TLanes.Of((long)call.Lo), TLanes.Of((long)call.Hi), TLanes.Of(call.Second), call.Shift);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly TInt At(in RequantizeCall call, int i, int j)
        {
            TInt a = TLanes.Load(call.A + i);
            TInt m = TLanes.Load(call.M + j);
            TLong even = TLanes.Add(TLanes.MultiplyEven(a, m), TLanes.Load(call.EvenD + j / 2));
            TLong odd = TLanes.Add(TLanes.MultiplyEven(TLanes.Odd(a), TLanes.Odd(m)), TLanes.Load(call.OddD + j / 2));
            if (call.B != null)
            {
                TInt b = TLanes.Load(call.B + i);
                even = TLanes.Add(even, TLanes.MultiplyEven(b, _second));
                odd = TLanes.Add(odd, TLanes.MultiplyEven(TLanes.Odd(b), _second));
            }

            return TLanes.Merge(TLanes.ShiftAndClamp(even, _shift, _lo, _hi), TLanes.ShiftAndClamp(odd, _shift, _lo, _hi));
        }
    }

    // The float form of a magnitude has its leading one found: rounding to k bits is an addition below the mantissa's last kept bit and a
    // mask.
    private readonly struct Encoder
    {
        private readonly TInt _max;
        private readonly TInt _sign;
        private readonly TInt _half;
        private readonly TInt _kept;

        public Encoder(in SlotEncoding encoding)
        {
            _max = TLanes.Of(encoding.Format.MaxMagnitude);
            _sign = TLanes.Of((int)encoding.Sign);
            _half = TLanes.Of(1 << (23 - encoding.Format.PatternLength));
            _kept = TLanes.Of(-1 << (24 - encoding.Format.PatternLength));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Plain(TInt value, byte* slots) => Store(value, TLanes.Min(TLanes.Abs(value), _max), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Whole(TInt value, byte* slots) => Store(value, TLanes.Min(Round(TLanes.Abs(value)), _max), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void First(TInt value, byte* slots) => Store(value, Floor(TLanes.Min(TLanes.Abs(value), _max)), slots);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Second(TInt value, byte* slots)
        {
            TInt magnitude = TLanes.Abs(value);
            Store(value, TLanes.Min(Round(TLanes.Subtract(magnitude, Floor(TLanes.Min(magnitude, _max)))), _max), slots);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly TInt Round(TInt magnitude) =>
            TLanes.FromFloatBits(TLanes.And(TLanes.Add(TLanes.FloatBits(magnitude), _half), _kept));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly TInt Floor(TInt magnitude) => TLanes.FromFloatBits(TLanes.And(TLanes.FloatBits(magnitude), _kept));

        // No negative zero: the sign goes with magnitudes above zero only.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Store(TInt value, TInt magnitude, byte* slots)
        {
            TInt zero = TLanes.Of(0);
            TInt negative = TLanes.And(TLanes.Greater(zero, value), TLanes.Greater(magnitude, zero));
            TLanes.Narrow(TLanes.Or(magnitude, TLanes.And(_sign, negative)), slots);
        }
    }
}

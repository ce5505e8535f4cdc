using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>
/// The host instructions that requantization needs at one width: <typeparamref name="TInt"/> holds Count int32 lanes,
/// <typeparamref name="TLong"/> half as many int64 lanes. What is the same at every width stands in
/// <see cref="WideVectorKernel{TLanes, TInt, TLong}"/>.
/// </summary>
internal unsafe interface ILanes<TInt, TLong>
    where TInt : struct
    where TLong : struct
{
    static abstract int Count { get; }

    static abstract TInt Of(int value);

    static abstract TLong Of(long value);

    static abstract TInt Load(int* from);

    static abstract TLong Load(long* from);

    static abstract void Store(TInt values, int* to);

    /// <summary>One byte a lane, zero-extended.</summary>
    static abstract TInt Widen(byte* from);

    /// <summary>The low byte of each lane, which is 0..255.</summary>
    static abstract void Narrow(TInt codes, byte* to);

    /// <summary>Products of the even lanes.</summary>
    static abstract TLong MultiplyEven(TInt a, TInt b);

    /// <summary>The odd lanes where the even ones are.</summary>
    static abstract TInt Odd(TInt values);

    static abstract TLong Add(TLong a, TLong b);

    /// <summary>Arithmetic shift to the right, then a clamp into int32.</summary>
    static abstract TLong ShiftAndClamp(TLong values, int shift, TLong lo, TLong hi);

    /// <summary>Even lanes and odd lanes in their places again.</summary>
    static abstract TInt Merge(TLong even, TLong odd);

    static abstract TInt Add(TInt a, TInt b);

    static abstract TInt Subtract(TInt a, TInt b);

    static abstract TInt And(TInt a, TInt b);

    static abstract TInt Or(TInt a, TInt b);

    static abstract TInt Xor(TInt a, TInt b);

    static abstract TInt Min(TInt a, TInt b);

    static abstract TInt Abs(TInt values);

    /// <summary>All ones where a &gt; b.</summary>
    static abstract TInt Greater(TInt a, TInt b);

    /// <summary>The bits of the float form.</summary>
    static abstract TInt FloatBits(TInt values);

    /// <summary>The integers of such bits.</summary>
    static abstract TInt FromFloatBits(TInt bits);
}

/// <summary>AVX2: eight lanes.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<int>, Vector256<long>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Of(int value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Of(long value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(int* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Load(long* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> values, int* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Widen(byte* from) => Avx2.ConvertToVector256Int32(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow(Vector256<int> codes, byte* to)
    {
        Vector128<short> words = Vector128.Narrow(codes.GetLower(), codes.GetUpper());
        *(long*)to = Vector128.Narrow(words, words).AsInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> MultiplyEven(Vector256<int> a, Vector256<int> b) => Avx2.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Odd(Vector256<int> values) => Vector256.ShiftRightLogical(values.AsUInt64(), 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Add(Vector256<long> a, Vector256<long> b) => a + b;

    // AVX2 has no arithmetic shift of 64-bit lanes: x + 2^63 is shifted as unsigned, then 2^63 >> n is taken off again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> ShiftAndClamp(Vector256<long> values, int shift, Vector256<long> lo, Vector256<long> hi)
    {
        Vector256<long> sign = Vector256.Create(long.MinValue);
        Vector256<long> r = Vector256.ShiftRightLogical(values ^ sign, shift) - Vector256.ShiftRightLogical(sign, shift);
        r = Avx2.BlendVariable(r, hi, Avx2.CompareGreaterThan(r, hi));
        return Avx2.BlendVariable(r, lo, Avx2.CompareGreaterThan(lo, r));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Merge(Vector256<long> even, Vector256<long> odd) =>
        Vector256.ConditionalSelect(Vector256.Create(0x00000000FFFFFFFFUL).AsInt32(), even.AsInt32(),
            Vector256.ShiftLeft(odd, 32).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> And(Vector256<int> a, Vector256<int> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Or(Vector256<int> a, Vector256<int> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Xor(Vector256<int> a, Vector256<int> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Min(Vector256<int> a, Vector256<int> b) => Vector256.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Abs(Vector256<int> values) => Vector256.Abs(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Greater(Vector256<int> a, Vector256<int> b) => Vector256.GreaterThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> FloatBits(Vector256<int> values) => Vector256.ConvertToSingle(values).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> FromFloatBits(Vector256<int> bits) => Vector256.ConvertToInt32(bits.AsSingle());
}

/// <summary>AVX-512: sixteen lanes.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<int>, Vector512<long>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Of(int value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Of(long value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(int* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Load(long* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> values, int* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Widen(byte* from) => Avx512F.ConvertToVector512Int32(Vector128.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow(Vector512<int> codes, byte* to) => Avx512F.ConvertToVector128Byte(codes).Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> MultiplyEven(Vector512<int> a, Vector512<int> b) => Avx512F.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Odd(Vector512<int> values) => Vector512.ShiftRightLogical(values.AsUInt64(), 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Add(Vector512<long> a, Vector512<long> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> ShiftAndClamp(Vector512<long> values, int shift, Vector512<long> lo, Vector512<long> hi) =>
        Avx512F.Max(Avx512F.Min(Avx512F.ShiftRightArithmetic(values, Vector128.CreateScalar((long)shift)), hi), lo);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Merge(Vector512<long> even, Vector512<long> odd) =>
        Vector512.ConditionalSelect(Vector512.Create(0x00000000FFFFFFFFUL).AsInt32(), even.AsInt32(),
            Vector512.ShiftLeft(odd, 32).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> And(Vector512<int> a, Vector512<int> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Or(Vector512<int> a, Vector512<int> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Xor(Vector512<int> a, Vector512<int> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Min(Vector512<int> a, Vector512<int> b) => Vector512.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Abs(Vector512<int> values) => Vector512.Abs(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Greater(Vector512<int> a, Vector512<int> b) => Vector512.GreaterThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> FloatBits(Vector512<int> values) => Vector512.ConvertToSingle(values).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> FromFloatBits(Vector512<int> bits) => Vector512.ConvertToInt32(bits.AsSingle());
}

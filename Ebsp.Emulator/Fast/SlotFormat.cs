using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>Checks and converts one-byte slots of a format, 32 at a time.</summary>
/// <remarks>
/// A magnitude v &gt; 0 lies in a window of k bits if v &lt; 2^k * (its lowest one), that is (v >> k) &lt;= (its lowest one) - 1 = (v - 1)
/// &amp; ~v, which also holds for v = 0; it is a single run of ones if adding the lowest one clears them all: v &amp; (v + lowest) = 0.
/// </remarks>
internal readonly struct SlotFormat
{
    private readonly byte _above;
    private readonly byte _magnitude;
    private readonly byte _sign;
    private readonly int _patternLength;
    private readonly bool _singleRun;

    public SlotFormat(PatternFormat format)
    {
        _above = (byte)~((1 << format.Bits) - 1);
        _magnitude = (byte)((1 << format.MagnitudeBits) - 1);
        _sign = format.Signed ? (byte)(1 << (format.Bits - 1)) : (byte)0;
        _patternLength = format.IsPattern ? format.PatternLength : 8;
        _singleRun = format.Kind == FormatKind.SingleRun;
    }

    /// <summary>What a signed value is raised by to become a u8.</summary>
    public byte Bias => _sign == 0 ? (byte)0 : (byte)128;

    /// <summary>Whether all slots belong to the format.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe bool AreValid(byte* slots, nint count)
    {
        Vector256<byte> bad = default;
        nint i = 0;
        for (; i + 32 <= count; i += 32)
            bad |= Offending(Vector256.Load(slots + i));
        if (i < count)
            bad |= Offending(Last(slots + i, count - i));
        return bad == default;
    }

    /// <summary>Writes value + <see cref="Bias"/> of each slot; true if all slots belong to the format.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe bool Convert(byte* slots, byte* values, nint count)
    {
        Vector256<byte> bad = default;
        nint i = 0;
        for (; i + 32 <= count; i += 32)
        {
            Vector256<byte> v = Vector256.Load(slots + i);
            bad |= Offending(v);
            Value(v).Store(values + i);
        }

        if (i < count)
        {
            Vector256<byte> v = Last(slots + i, count - i);
            bad |= Offending(v);
            v = Value(v);
            for (nint j = 0; j < count - i; j++)
                values[i + j] = ((byte*)&v)[j];
        }

        return bad == default;
    }

    /// <summary>The slots of biased values that belong to the format; a biased value of 0 gives slot 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void ConvertBack(byte* values, byte* slots, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            int value = values[i] - Bias;
            slots[i] = values[i] == 0 ? (byte)0 : value < 0 ? (byte)(-value | _sign) : (byte)value;
        }
    }

    private static unsafe Vector256<byte> Last(byte* slots, nint count)
    {
        Vector256<byte> v = default;
        for (nint j = 0; j < count; j++)
            ((byte*)&v)[j] = slots[j];
        return v;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<byte> Offending(Vector256<byte> v)
    {
        Vector256<byte> magnitude = v & Vector256.Create(_magnitude);
        Vector256<byte> bad = v & Vector256.Create(_above);
        if (_patternLength < 8)
        {
            Vector256<byte> belowLowest = Vector256.AndNot(magnitude - Vector256<byte>.One, magnitude);
            Vector256<byte> window = Vector256.ShiftRightLogical(magnitude, _patternLength);
            bad |= Vector256.Max(window, belowLowest) ^ belowLowest;
            if (_singleRun)
                bad |= magnitude & (magnitude + (magnitude & (Vector256<byte>.Zero - magnitude)));
        }

        if (_sign != 0)
            bad |= Vector256.Equals(v, Vector256.Create(_sign));
        return bad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<byte> Value(Vector256<byte> v)
    {
        if (_sign == 0)
            return v;
        Vector256<byte> sign = Vector256.Create(_sign);
        Vector256<byte> negative = Vector256.Equals(v & sign, sign);
        return ((v & Vector256.Create(_magnitude)) ^ negative) - negative + Vector256.Create((byte)128);
    }
}

namespace Ebsp.Isa.Numerics;

/// <summary>
/// A value as memory holds it: formats of at most 8 bits as a sign-magnitude code of B bits (sign at bit B - 1), zero-extended to
/// a one-byte slot; int16 and int32 in two's complement, little-endian.
/// </summary>
public static class SlotCode
{
    /// <summary>The code of a value of the format (the caller has projected or clamped it); 16- and 32-bit values are their own
    /// code.</summary>
    public static int Encode(int value, PatternFormat format)
    {
        if (format.Bits > PatternFormat.MaxOperandBits)
            return value;
        return value < 0 ? -value | (1 << (format.Bits - 1)) : value;
    }

    /// <summary>
    /// The value of a code. False (an operand fault on the machine) if the code is outside the declared format: set bits above
    /// B, a negative zero, a magnitude off the pattern, or -2^M.
    /// </summary>
    public static bool TryDecode(int code, PatternFormat format, out int value)
    {
        value = code;
        if (format.Bits > PatternFormat.MaxOperandBits)
            return format.Contains(code);
        if (code < 0 || code >> format.Bits != 0)
            return false;
        bool negative = format.Signed && (code >> (format.Bits - 1) & 1) != 0;
        int magnitude = format.Signed ? code & ((1 << (format.Bits - 1)) - 1) : code;
        value = negative ? -magnitude : magnitude;
        return format.ContainsMagnitude(magnitude) && !(negative && magnitude == 0);
    }
}

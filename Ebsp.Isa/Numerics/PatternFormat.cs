using System.Globalization;
using System.Numerics;

namespace Ebsp.Isa.Numerics;

/// <summary>
/// The set of integers that a tensor may hold: width B, pattern length k, sign and kind.
/// </summary>
/// <remarks>
/// With M magnitude bits (B - 1 if signed, else B) a <see cref="FormatKind.Window"/> format holds v = m * 2^s with
/// 0 &lt;= m &lt; 2^k and v &lt; 2^M: 2^k + (M - k) * 2^(k-1) magnitudes, zero included.
/// </remarks>
public readonly record struct PatternFormat
{
    /// <summary>Widest format that the PE array accepts, in bits.</summary>
    public const int MaxOperandBits = 8;

    /// <summary>Longest pattern that the instruction set can name.</summary>
    public const int MaxPatternLength = 4;

    private PatternFormat(int bits, int patternLength, bool signed, FormatKind kind)
    {
        Bits = bits;
        PatternLength = patternLength;
        Signed = signed;
        Kind = kind;
    }

    /// <summary>Width B in bits, the sign included: 1..8, 16 or 32.</summary>
    public int Bits { get; }

    /// <summary>Pattern length k: 1..4 and at most <see cref="MagnitudeBits"/>; 0 for <see cref="FormatKind.Uniform"/>.</summary>
    public int PatternLength { get; }

    /// <summary>Sign and magnitude if true (two's complement in 16- and 32-bit formats); magnitude alone if false.</summary>
    public bool Signed { get; }

    /// <summary>Which magnitudes belong to the set.</summary>
    public FormatKind Kind { get; }

    /// <summary>M: B - 1 if signed, else B.</summary>
    public int MagnitudeBits => Signed ? Bits - 1 : Bits;

    /// <summary>True if values of this format may be multiplied on the PE array.</summary>
    public bool IsPattern => Kind != FormatKind.Uniform;

    /// <summary>Bytes that one value takes in the buffer: 1, 2 or 4.</summary>
    public int SlotBytes => Bits <= 8 ? 1 : Bits / 8;

    /// <summary>Largest magnitude of the set: (2^k - 1) * 2^(M-k), or 2^M - 1 for plain formats.</summary>
    public int MaxMagnitude => IsPattern
        ? ((1 << PatternLength) - 1) << (MagnitudeBits - PatternLength)
        : (int)((1L << MagnitudeBits) - 1);

    /// <summary>Smallest value of the set: -<see cref="MaxMagnitude"/> or 0; never -2^M.</summary>
    public int MinValue => Signed ? -MaxMagnitude : 0;

    /// <summary>Number of magnitudes, zero included.</summary>
    public long MagnitudeCount => Kind switch
    {
        FormatKind.Window => (1 << PatternLength) + ((MagnitudeBits - PatternLength) << (PatternLength - 1)),
        // One run of length l <= k at M - l + 1 places, and zero.
        FormatKind.SingleRun => 1 + PatternLength * MagnitudeBits - PatternLength * (PatternLength - 1) / 2,
        _ => 1L << MagnitudeBits,
    };

    /// <summary>A window format.</summary>
    /// <param name="bits">Width B, 1..8.</param>
    /// <param name="patternLength">Pattern length k, 1..4, at most the magnitude bits.</param>
    /// <param name="signed">Whether one of the bits is a sign.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such format exists.</exception>
    public static PatternFormat Window(int bits, int patternLength, bool signed) =>
        Create(bits, patternLength, signed, FormatKind.Window);

    /// <summary>A single-run format; ranges as <see cref="Window"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such format exists.</exception>
    public static PatternFormat SingleRun(int bits, int patternLength, bool signed) =>
        Create(bits, patternLength, signed, FormatKind.SingleRun);

    /// <summary>A plain integer format: 1..8 bits with or without sign (2..8 with), or int16 and int32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such format exists.</exception>
    public static PatternFormat Uniform(int bits, bool signed) => Create(bits, 0, signed, FormatKind.Uniform);

    /// <summary>The plain 32-bit format of accumulators and class scores.</summary>
    public static PatternFormat Int32 { get; } = Uniform(32, signed: true);

    /// <summary>The plain 16-bit format.</summary>
    public static PatternFormat Int16 { get; } = Uniform(16, signed: true);

    /// <summary>Whether the four properties name a format.</summary>
    public static bool IsValid(int bits, int patternLength, bool signed, FormatKind kind)
    {
        int magnitudeBits = signed ? bits - 1 : bits;
        return kind switch
        {
            FormatKind.Window or FormatKind.SingleRun =>
                bits is >= 1 and <= MaxOperandBits && patternLength is >= 1 and <= MaxPatternLength && patternLength <= magnitudeBits,
            FormatKind.Uniform =>
                patternLength == 0 && (bits is >= 1 and <= MaxOperandBits ? magnitudeBits >= 1 : signed && (bits is 16 or 32)),
            _ => false,
        };
    }

    /// <summary>Makes a format of any kind.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such format exists.</exception>
    public static PatternFormat Create(int bits, int patternLength, bool signed, FormatKind kind)
    {
        if (!IsValid(bits, patternLength, signed, kind))
        {
            throw new ArgumentOutOfRangeException(nameof(bits), string.Create(CultureInfo.InvariantCulture,
                $"no format of kind {kind} has {bits} bits{(signed ? " with sign" : "")} and pattern length {patternLength}"));
        }

        return new PatternFormat(bits, patternLength, signed, kind);
    }

    /// <summary>The same kind, bits B and pattern length with or without a sign: without one, the magnitudes have one bit more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such format exists: the sign takes a bit that the pattern needs.</exception>
    public PatternFormat WithSign(bool signed) => Create(Bits, PatternLength, signed, Kind);

    /// <summary>Whether a magnitude belongs to the set.</summary>
    public bool ContainsMagnitude(int magnitude)
    {
        if (magnitude < 0 || magnitude > MaxMagnitude)
            return false;
        if (Kind == FormatKind.Uniform || magnitude == 0)
            return true;
        int run = magnitude >> BitOperations.TrailingZeroCount(magnitude);
        return run < 1 << PatternLength && (Kind == FormatKind.Window || (run & (run + 1)) == 0);
    }

    /// <summary>Whether a value belongs to the set.</summary>
    public bool Contains(int value) =>
        value >= 0 ? ContainsMagnitude(value) : Signed && value != int.MinValue && ContainsMagnitude(-value);

    /// <summary>All magnitudes of the set, ascending. Only for formats of at most 8 bits.</summary>
    /// <exception cref="InvalidOperationException">The format has 16 or 32 bits.</exception>
    public IEnumerable<int> Magnitudes()
    {
        if (Bits > MaxOperandBits)
            throw new InvalidOperationException("a 16- or 32-bit format is not enumerated");
        for (int magnitude = 0; magnitude <= MaxMagnitude; magnitude++)
        {
            if (ContainsMagnitude(magnitude))
                yield return magnitude;
        }
    }

    /// <summary>All values of the set, ascending. Only for formats of at most 8 bits.</summary>
    /// <exception cref="InvalidOperationException">The format has 16 or 32 bits.</exception>
    public IEnumerable<int> Values()
    {
        IEnumerable<int> magnitudes = Magnitudes();
        return Signed ? magnitudes.Reverse().Where(m => m > 0).Select(m => -m).Concat(magnitudes) : magnitudes;
    }

    /// <summary>The short form: <c>s6(3)</c>, <c>u8(4)</c>, <c>s5(3r)</c> for single runs, <c>u8</c>, <c>s16</c>, <c>s32</c> for plain
    /// formats.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Signed ? 's' : 'u')}{Bits}{(IsPattern ? $"({PatternLength}{(Kind == FormatKind.SingleRun ? "r" : "")})" : "")}");

    /// <summary>Reads the short form that <see cref="ToString"/> writes.</summary>
    /// <returns>False if the text names no format.</returns>
    public static bool TryParse(string text, out PatternFormat format)
    {
        ArgumentNullException.ThrowIfNull(text);
        format = default;
        if (text.Length < 2 || text[0] is not ('s' or 'u'))
            return false;
        int open = text.IndexOf('(', StringComparison.Ordinal);
        string width = open < 0 ? text[1..] : text[1..open];
        string pattern = open < 0 ? "0" : text[^1] == ')' ? text[(open + 1)..^1] : "";
        FormatKind kind = open < 0 ? FormatKind.Uniform : pattern.EndsWith('r') ? FormatKind.SingleRun : FormatKind.Window;
        if (kind == FormatKind.SingleRun)
            pattern = pattern[..^1];
        if (!int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            || !int.TryParse(pattern, NumberStyles.None, CultureInfo.InvariantCulture, out int patternLength)
            || !IsValid(bits, patternLength, text[0] == 's', kind))
        {
            return false;
        }

        format = new PatternFormat(bits, patternLength, text[0] == 's', kind);
        return format.ToString() == text;
    }
}

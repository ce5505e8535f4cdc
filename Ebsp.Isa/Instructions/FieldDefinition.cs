using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>How a field is written in text and documentation.</summary>
public enum FieldKind : byte
{
    /// <summary>A decimal number.</summary>
    Number,

    /// <summary>An offset in bytes, hexadecimal.</summary>
    Address,

    /// <summary>A number format such as u6(3).</summary>
    Format,

    /// <summary>One of a list of names.</summary>
    Name,
}

/// <summary>One field of an instruction word.</summary>
/// <param name="Id">Which field.</param>
/// <param name="Name">Its name in assembly text.</param>
/// <param name="Offset">First bit within the 512-bit word, counted from bit 0 of byte 0.</param>
/// <param name="Width">Bits.</param>
/// <param name="Kind">How it is written.</param>
/// <param name="Scale">Unit of the stored number: value = (stored + Base) * Scale. 8 for addresses and pitches in the buffer.</param>
/// <param name="Minimum">Smallest value.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="Meaning">What it says, with its unit.</param>
/// <param name="Names">The names of a <see cref="FieldKind.Name"/> field, by value.</param>
public sealed record FieldDefinition(
    Field Id, string Name, int Offset, int Width, FieldKind Kind, int Scale, long Minimum, long Maximum, string Meaning, string[] Names)
{
    /// <summary>What the stored number 0 stands for, in units of Scale: value = (stored + Base) * Scale. 1 for fields that came later and
    /// whose bits are zero in older programs.</summary>
    public int Base { get; init; }

    /// <summary>First bit after the field.</summary>
    public int End => Offset + Width;

    /// <summary>The value of a field that is not named: its smallest one; u1 for formats.</summary>
    public long Default => Kind == FieldKind.Format ? FormatField.Encode(PatternFormat.Uniform(1, signed: false)) : Minimum;

    /// <summary>Whether a value can be stored: in range, a multiple of the scale, a valid format.</summary>
    public bool Accepts(long value) =>
        value >= Minimum && value <= Maximum && value % Scale == 0 && (Kind != FieldKind.Format || FormatField.IsValid(value));
}

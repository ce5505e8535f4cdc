using System.Runtime.CompilerServices;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>Requantization of a run of elements: r = clamp((a * M + b * Second + D) >> Shift, Lo, Hi); d holds 2^(n-1) already.</summary>
internal unsafe struct RequantizeCall
{
    public int* A;

    /// <summary>Operand b, or null.</summary>
    public int* B;

    /// <summary>Multipliers of the elements 0 .. Period - 1, then from the first on again.</summary>
    public int* M;

    /// <summary>D of the elements 0, 2, 4, ... and of 1, 3, 5, ...: 64-bit lanes come out of the multiplier in this order.</summary>
    public long* EvenD;
    public long* OddD;
    public int Second;
    public int Shift;
    public int Lo;
    public int Hi;
    public int Count;

    /// <summary>Elements after which M and D repeat: a multiple of <see cref="VectorKernel.Granule"/>, or at least Count.</summary>
    public int Period;
}

/// <summary>How a clamped value becomes a one-byte slot.</summary>
/// <param name="Format">The result's format.</param>
/// <param name="Term">What is written of the result.</param>
internal readonly record struct SlotEncoding(PatternFormat Format, ResultTerm Term)
{
    public byte Sign => Format.Signed ? (byte)(1 << (Format.Bits - 1)) : (byte)0;

    /// <summary>The slots of -255..255, at value + 255: the definition, for kernels without bit tricks and for single runs.</summary>
    public byte[] Table()
    {
        byte[] table = new byte[511];
        int limit = (1 << Format.MagnitudeBits) - 1;
        for (int value = Format.Signed ? -limit : 0; value <= limit; value++)
        {
            int projected = Term switch
            {
                ResultTerm.Whole => Projection.Project(value, Format),
                ResultTerm.First => Projection.FirstTerm(value, Format),
                _ => Projection.SecondTerm(value, Format),
            };
            table[value + 255] = (byte)SlotCode.Encode(projected, Format);
        }

        return table;
    }
}

/// <summary>
/// The inner loops of VECTOR for one kind of host instructions. Counts are rounded up to <see cref="Granule"/> by the kernels: arrays have
/// that much slack.
/// </summary>
internal abstract unsafe class VectorKernel
{
    public const int Granule = 16;

    /// <summary>The values of one-byte slots: magnitude below bit 7 or the sign bit given (0: unsigned).</summary>
    public abstract void Decode(byte* slots, int* values, int count, byte sign);

    /// <summary>The clamped results.</summary>
    public abstract void Requantize(in RequantizeCall call, int* results);

    /// <summary>The clamped results, projected, as one-byte slots.</summary>
    /// <param name="call">The operands.</param>
    /// <param name="results">Scratch for the clamped results.</param>
    /// <param name="slots">The slots.</param>
    /// <param name="encoding">How a result becomes a slot.</param>
    /// <param name="table">The encoding's table.</param>
    public abstract void RequantizeToSlots(in RequantizeCall call, int* results, byte* slots, in SlotEncoding encoding, byte[] table);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected static void EncodeByTable(int* values, byte* slots, int count, byte[] table)
    {
        for (int i = 0; i < count; i++)
            slots[i] = table[values[i] + 255];
    }
}

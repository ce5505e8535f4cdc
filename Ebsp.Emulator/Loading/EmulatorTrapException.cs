using System.Globalization;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator;

/// <summary>Why a run stopped.</summary>
public enum TrapKind
{
    /// <summary>No unit can start its next instruction, and the program has not ended. EBSP4901.</summary>
    Deadlock,

    /// <summary>A slot or weight code that was read is outside the declared format. EBSP4902.</summary>
    OperandFault,

    /// <summary>An instruction reaches outside a region. EBSP4903; never happens to a program that the reader accepted.</summary>
    AddressFault,
}

/// <summary>The run of a program stopped: the only exception of a run but for cancellation.</summary>
/// <remarks>
/// An operand fault names the first offending element in this order. Array instructions: the weights in the order k, r, s, c, then the
/// source's elements in the order n, y, x, c: all channels that the instruction reads (padding channels are not checked) in source rows
/// 0 .. the last one that a tap falls on, and the columns likewise. Pool: its source in the same
/// way. Vector: operand a if it lies in the buffer, then operand b, each in the order n, y, x, c; lut: its source. All are checked before
/// the instruction writes anything. Load, store and host move codes without looking at them.
/// </remarks>
public sealed class EmulatorTrapException : Exception
{
    internal EmulatorTrapException(TrapKind kind, int instruction, Region? region, long address, string cause)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"EBSP{4901 + (int)kind}: instruction {instruction}{(region is { } r ? $": {Name(r)}[0x{address:x}]" : "")}: {cause}"))
    {
        Kind = kind;
        Instruction = instruction;
        Region = region;
        Address = address;
    }

    /// <summary>Why the run stopped.</summary>
    public TrapKind Kind { get; }

    /// <summary>Index of the instruction in the program.</summary>
    public int Instruction { get; }

    /// <summary>The region of <see cref="Address"/>; null for a deadlock.</summary>
    public Region? Region { get; }

    /// <summary>Offset in bytes: of the offending slot, of the byte in which the offending weight code begins, of the last byte out of
    /// range; -1 for a deadlock.</summary>
    public long Address { get; }

    /// <summary>EBSP4901 deadlock, EBSP4902 operand fault, EBSP4903 address fault.</summary>
    public string Code => string.Create(CultureInfo.InvariantCulture, $"EBSP{4901 + (int)Kind}");

    private static string Name(Region region) => region switch
    {
        Isa.Instructions.Region.Buffer => "buffer",
        Isa.Instructions.Region.Psum => "psum",
        Isa.Instructions.Region.Input => "input",
        Isa.Instructions.Region.Output => "output",
        Isa.Instructions.Region.Arena => "arena",
        Isa.Instructions.Region.Weights => "weights",
        _ => "tables",
    };
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Ebsp.Isa.Instructions;

/// <summary>One instruction: an opcode and the values of its fields, in bytes, pixels and channels (not scaled).</summary>
public sealed class Instruction : IEquatable<Instruction>
{
    /// <summary>Size of an encoded instruction in bytes.</summary>
    public const int SizeBytes = 64;

    // The encoded word itself: programs of thousands of instructions are kept while their models are in use.
    private Word _word;

    /// <summary>An instruction with every field at its default: its smallest value, u1 for formats.</summary>
    /// <exception cref="ArgumentException">No row has this opcode.</exception>
    public Instruction(Opcode opcode)
        : this(InstructionTable.Find(opcode) ?? throw new ArgumentException($"no instruction has opcode {(int)opcode}", nameof(opcode)))
    {
        _word[0] = (byte)opcode;
        foreach (FieldDefinition field in Definition.FieldArray)
            WriteBits(_word, field, field.Default);
    }

    private Instruction(InstructionDefinition definition) => Definition = definition;

    /// <summary>The row of the instruction table.</summary>
    public InstructionDefinition Definition { get; }

    /// <summary>Operation code.</summary>
    public Opcode Opcode => Definition.Opcode;

    /// <summary>The unit that executes the instruction.</summary>
    public Unit Unit => Definition.Unit ?? (Unit)this[Field.TargetUnit];

    /// <summary>The value of a field.</summary>
    /// <exception cref="ArgumentException">The row has no such field, or it cannot hold the value.</exception>
    public long this[Field field]
    {
        get => ReadBits(_word, Find(field));
        set
        {
            FieldDefinition definition = Find(field);
            if (!definition.Accepts(value))
                throw new ArgumentException($"field {definition.Name} of {Definition.Mnemonic} cannot hold {value}", nameof(value));
            WriteBits(_word, definition, value);
        }
    }

    /// <summary>Writes the 64-byte word.</summary>
    public void Encode(Span<byte> word) => ((ReadOnlySpan<byte>)_word).CopyTo(word);

    /// <summary>Reads a 64-byte word.</summary>
    /// <param name="word">At least 64 bytes.</param>
    /// <param name="instruction">The instruction, or null.</param>
    /// <param name="error">Null, or what is wrong: an unknown opcode, a field out of range, a reserved bit that is set.</param>
    public static bool TryDecode(ReadOnlySpan<byte> word, out Instruction? instruction, out string? error)
    {
        instruction = null;
        if (InstructionTable.Find((Opcode)word[0]) is not { } definition)
        {
            error = $"opcode {word[0]} is not defined";
            return false;
        }

        word = word[..SizeBytes];
        foreach (FieldDefinition field in definition.FieldArray)
        {
            long value = ReadBits(word, field);
            if (!field.Accepts(value))
            {
                error = $"field {field.Name} of {definition.Mnemonic} cannot hold {value}";
                return false;
            }
        }

        for (int i = 0; i < SizeBytes; i++)
        {
            if ((word[i] & ~definition.UsedBits[i]) != 0)
            {
                error = $"a reserved bit of {definition.Mnemonic} is set";
                return false;
            }
        }

        instruction = new Instruction(definition);
        word.CopyTo(instruction._word);
        error = null;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Instruction? other) => other is not null && ((ReadOnlySpan<byte>)_word).SequenceEqual(other._word);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Instruction);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_word);
        return hash.ToHashCode();
    }

    /// <summary>The instruction in assembly text.</summary>
    public override string ToString() => Disassembler.Write(this);

    private FieldDefinition Find(Field field)
    {
        int index = Definition.IndexOf(field);
        return index >= 0 ? Definition.FieldArray[index]
            : throw new ArgumentException($"{Definition.Mnemonic} has no field {field}", nameof(field));
    }

    // A field of at most 40 bits touches at most 6 bytes, so one unaligned 64-bit access holds it; the last bytes of the word are reached
    // from byte 56. Compiled fully at their first call: a model that is opened must not wait for the tiered compiler.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long ReadBits(ReadOnlySpan<byte> word, FieldDefinition field)
    {
        int start = Math.Min(field.Offset / 8, SizeBytes - 8);
        long stored = (long)(BinaryPrimitives.ReadUInt64LittleEndian(word[start..]) >> (field.Offset - start * 8) & Mask(field));
        return (stored + field.Base) * field.Scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteBits(Span<byte> word, FieldDefinition field, long value)
    {
        int start = Math.Min(field.Offset / 8, SizeBytes - 8), shift = field.Offset - start * 8;
        ulong others = BinaryPrimitives.ReadUInt64LittleEndian(word[start..]) & ~(Mask(field) << shift);
        BinaryPrimitives.WriteUInt64LittleEndian(word[start..], others | (ulong)(value / field.Scale - field.Base) << shift);
    }

    private static ulong Mask(FieldDefinition field) => (1UL << field.Width) - 1;

    [InlineArray(SizeBytes)]
    private struct Word
    {
        private byte _first;
    }
}

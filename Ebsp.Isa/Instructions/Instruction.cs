using System.Buffers.Binary;

namespace Ebsp.Isa.Instructions;

/// <summary>One instruction: an opcode and the values of its fields, in bytes, pixels and channels (not scaled).</summary>
public sealed class Instruction : IEquatable<Instruction>
{
    /// <summary>Size of an encoded instruction in bytes.</summary>
    public const int SizeBytes = 64;

    private readonly long[] _values;

    /// <summary>An instruction with every field at its default: its smallest value, u1 for formats.</summary>
    /// <exception cref="ArgumentException">No row has this opcode.</exception>
    public Instruction(Opcode opcode)
    {
        Definition = InstructionTable.Find(opcode) ?? throw new ArgumentException($"no instruction has opcode {(int)opcode}", nameof(opcode));
        _values = new long[Definition.Fields.Count];
        for (int i = 0; i < _values.Length; i++)
            _values[i] = Definition.Fields[i].Default;
    }

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
        get => _values[IndexOf(field)];
        set
        {
            int index = IndexOf(field);
            if (!Definition.Fields[index].Accepts(value))
                throw new ArgumentException($"field {Definition.Fields[index].Name} of {Definition.Mnemonic} cannot hold {value}", nameof(value));
            _values[index] = value;
        }
    }

    /// <summary>Writes the 64-byte word.</summary>
    public void Encode(Span<byte> word)
    {
        word[..SizeBytes].Clear();
        word[0] = (byte)Opcode;
        for (int i = 0; i < _values.Length; i++)
        {
            FieldDefinition field = Definition.Fields[i];
            WriteBits(word, field.Offset, field.Width, (ulong)(_values[i] / field.Scale));
        }
    }

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

        Instruction decoded = new(definition.Opcode);
        for (int i = 0; i < definition.Fields.Count; i++)
        {
            FieldDefinition field = definition.Fields[i];
            long value = (long)ReadBits(word, field.Offset, field.Width) * field.Scale;
            if (!field.Accepts(value))
            {
                error = $"field {field.Name} of {definition.Mnemonic} cannot hold {value}";
                return false;
            }

            decoded._values[i] = value;
        }

        Span<byte> again = stackalloc byte[SizeBytes];
        decoded.Encode(again);
        if (!again.SequenceEqual(word[..SizeBytes]))
        {
            error = $"a reserved bit of {definition.Mnemonic} is set";
            return false;
        }

        instruction = decoded;
        error = null;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Instruction? other) => other is not null && Opcode == other.Opcode && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Instruction);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Opcode);
        foreach (long value in _values)
            hash.Add(value);
        return hash.ToHashCode();
    }

    /// <summary>The instruction in assembly text.</summary>
    public override string ToString() => Disassembler.Write(this);

    private int IndexOf(Field field)
    {
        int index = Definition.IndexOf(field);
        return index >= 0 ? index : throw new ArgumentException($"{Definition.Mnemonic} has no field {field}", nameof(field));
    }

    // A field of at most 40 bits touches at most 6 bytes, so one unaligned 64-bit access holds it; the last bytes of the word are reached from byte 56.
    private static ulong ReadBits(ReadOnlySpan<byte> word, int offset, int width)
    {
        int start = Math.Min(offset / 8, SizeBytes - 8);
        return BinaryPrimitives.ReadUInt64LittleEndian(word[start..]) >> (offset - start * 8) & ((1UL << width) - 1);
    }

    private static void WriteBits(Span<byte> word, int offset, int width, ulong value)
    {
        int start = Math.Min(offset / 8, SizeBytes - 8);
        ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(word[start..]) | value << (offset - start * 8);
        BinaryPrimitives.WriteUInt64LittleEndian(word[start..], bits);
    }
}

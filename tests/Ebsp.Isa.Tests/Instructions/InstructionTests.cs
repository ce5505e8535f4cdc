using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Tests.Instructions;

[TestClass]
public sealed class InstructionTests
{
    private const int RandomCases = 1_000_000;
    private const int Parts = 8;

    public static IEnumerable<object[]> Mnemonics => InstructionTable.Rows.Select(row => new object[] { row.Mnemonic });

    [TestMethod]
    public void EncodeAndText_RandomValidInstructions_ComeBackTheSame() => Parallel.For(0, Parts, part =>
    {
        Random random = new(1_000 + part);
        Span<byte> word = stackalloc byte[Instruction.SizeBytes];
        Span<byte> again = stackalloc byte[Instruction.SizeBytes];
        for (int i = 0; i < RandomCases / Parts; i++)
        {
            Instruction instruction = RandomInstruction.Next(random);
            instruction.Encode(word);
            if (!Instruction.TryDecode(word, out Instruction? decoded, out string? error) || !decoded!.Equals(instruction))
                Assert.Fail($"{instruction} is decoded as {decoded} ({error})");
            string text = Disassembler.Write(decoded);
            if (!Assembler.TryRead(text, out Instruction? assembled, out error))
                Assert.Fail($"{text}: {error}");
            assembled!.Encode(again);
            if (!again.SequenceEqual(word))
                Assert.Fail($"{text} is assembled as {assembled}");
        }
    });

    [TestMethod]
    [DynamicData(nameof(Mnemonics))]
    public void Fields_AtMinimumMaximumAndDefault_ComeBackTheSame(string mnemonic)
    {
        InstructionDefinition row = InstructionTable.Find(mnemonic)!;
        foreach (FieldDefinition field in row.Fields)
        {
            long[] corners = field.Kind == FieldKind.Format
                ? [.. Enumerable.Range(0, 1 << FormatField.Width).Select(value => (long)value).Where(FormatField.IsValid)]
                : [field.Minimum, field.Minimum + field.Scale, field.Maximum - field.Scale, field.Maximum];
            foreach (long value in corners.Append(field.Default).Where(field.Accepts))
            {
                Instruction instruction = new(row.Opcode) { [field.Id] = value };
                Assert.AreEqual(value, Decode(Encode(instruction))[field.Id]);
                Assert.AreEqual(instruction, Decode(Encode(instruction)));
                Assert.AreEqual(instruction, Assembler.Assemble(instruction.ToString()).Single());
            }
        }

        Assert.AreEqual(mnemonic, new Instruction(row.Opcode).ToString(), "fields at their default are not written");
    }

    [TestMethod]
    [DynamicData(nameof(Mnemonics))]
    public void Fields_OutsideTheirRange_AreRefusedBySetterAndDecoder(string mnemonic)
    {
        InstructionDefinition row = InstructionTable.Find(mnemonic)!;
        foreach (FieldDefinition field in row.Fields)
        {
            Instruction instruction = new(row.Opcode);
            foreach (long value in new[] { -1, field.Minimum - 1, field.Maximum + 1, long.MinValue, long.MaxValue }.Append(field.Scale > 1
                ? field.Minimum + 1
                : -1))
            {
                ArgumentException refused = Assert.ThrowsExactly<ArgumentException>(() => instruction[field.Id] = value);
                StringAssert.Contains(refused.Message, field.Name, null);
            }

            for (long stored = 0; stored < 1L << Math.Min(field.Width, FormatField.Width); stored++)
            {
                long value = (stored + field.Base) * field.Scale;
                if (field.Accepts(value))
                    continue;
                byte[] word = Encode(instruction);
                Write(word, field, stored);
                Assert.AreEqual($"field {field.Name} of {mnemonic} cannot hold {value}", DecodeError(word));
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Mnemonics))]
    public void TryDecode_AnyReservedBitSet_IsRefused(string mnemonic)
    {
        InstructionDefinition row = InstructionTable.Find(mnemonic)!;
        byte[] word = Encode(new Instruction(row.Opcode));
        int reserved = 0;
        for (int bit = 8; bit < Instruction.SizeBytes * 8; bit++)
        {
            if (row.Fields.Any(field => bit >= field.Offset && bit < field.End))
                continue;
            word[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.AreEqual($"a reserved bit of {mnemonic} is set", DecodeError(word));
            word[bit / 8] ^= (byte)(1 << bit % 8);
            reserved++;
        }

        Assert.AreEqual(Instruction.SizeBytes * 8 - 8 - row.Fields.Sum(field => field.Width), reserved);
    }

    [TestMethod]
    public void TryDecode_OpcodeWithoutRow_IsRefused()
    {
        byte[] word = new byte[Instruction.SizeBytes];
        for (int opcode = 0; opcode < 256; opcode++)
        {
            word[0] = (byte)opcode;
            if (InstructionTable.Find((Opcode)opcode) is null)
                Assert.AreEqual($"opcode {opcode} is not defined", DecodeError(word));
        }
    }

    [TestMethod]
    public void TryDecode_RandomWords_AreRefusedOrComeBackTheSame()
    {
        Random random = new(7);
        byte[] word = new byte[Instruction.SizeBytes];
        int accepted = 0;
        for (int i = 0; i < 50_000; i++)
        {
            // A valid word with a few bits changed: most random words fail at the first reserved bit.
            RandomInstruction.Next(random).Encode(word);
            for (int flips = random.Next(4); flips > 0; flips--)
                word[random.Next(word.Length)] ^= (byte)(1 << random.Next(8));
            if (!Instruction.TryDecode(word, out Instruction? decoded, out string? error))
            {
                Assert.IsNotNull(error);
                continue;
            }

            accepted++;
            CollectionAssert.AreEqual(word, Encode(decoded!));
        }

        Assert.IsTrue(accepted > 1_000, $"{accepted} words accepted");
    }

    [TestMethod]
    public void Indexer_FieldOfAnotherRow_IsRefused()
    {
        Instruction nop = new(Opcode.Nop);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => nop[Field.SrcAddress]).Message, "nop has no field SrcAddress",
            null);
        Assert.ThrowsExactly<ArgumentException>(() => nop[Field.SrcAddress] = 0);
        Assert.ThrowsExactly<ArgumentException>(() => new Instruction((Opcode)0));
    }

    [TestMethod]
    public void Unit_OfControlInstructions_IsTheNamedOne()
    {
        Assert.AreEqual(Unit.Pool, new Instruction(Opcode.Nop) { [Field.TargetUnit] = (long)Unit.Pool }.Unit);
        Assert.AreEqual(Unit.Load, new Instruction(Opcode.Sync).Unit);
        Assert.AreEqual(Unit.Array, new Instruction(Opcode.Conv).Unit);
    }

    [TestMethod]
    public void Equals_InstructionsThatDifferInOneField_IsFalse()
    {
        Instruction one = new(Opcode.Conv) { [Field.Rows] = 3 };
        Assert.AreEqual(one, new Instruction(Opcode.Conv) { [Field.Rows] = 3 });
        Assert.AreEqual(one.GetHashCode(), new Instruction(Opcode.Conv) { [Field.Rows] = 3 }.GetHashCode());
        Assert.AreNotEqual(one, new Instruction(Opcode.Conv) { [Field.Rows] = 4 });
        Assert.AreNotEqual(new Instruction(Opcode.Mark), new Instruction(Opcode.Perf));
        Assert.IsFalse(one.Equals(null));
    }

    private static byte[] Encode(Instruction instruction)
    {
        byte[] word = new byte[Instruction.SizeBytes];
        System.Array.Fill(word, (byte)0xA5); // Encode owns every bit.
        instruction.Encode(word);
        return word;
    }

    private static Instruction Decode(byte[] word)
    {
        Assert.IsTrue(Instruction.TryDecode(word, out Instruction? instruction, out string? error), error);
        return instruction!;
    }

    private static string DecodeError(byte[] word)
    {
        Assert.IsFalse(Instruction.TryDecode(word, out Instruction? instruction, out string? error), $"accepted as {instruction}");
        Assert.IsNull(instruction);
        return error!;
    }

    // Bit by bit, apart from the encoder.
    private static void Write(byte[] word, FieldDefinition field, long stored)
    {
        for (int i = 0; i < field.Width; i++)
        {
            int bit = field.Offset + i;
            word[bit / 8] = (byte)(word[bit / 8] & ~(1 << bit % 8) | (int)(stored >> i & 1) << bit % 8);
        }
    }
}

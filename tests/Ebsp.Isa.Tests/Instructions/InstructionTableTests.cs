using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Tests.Instructions;

[TestClass]
public sealed class InstructionTableTests
{
    private const int WordBits = Instruction.SizeBytes * 8;

    // Unaligned 64-bit accesses at byte steps reach any field of this width.
    private const int MaxWidth = 57;

    private static readonly Field[] Header = [Field.Signal, Field.Wait0Counter, Field.Wait1Counter, Field.Wait0Value, Field.Wait1Value];

    [TestMethod]
    public void Rows_AllPairs_DifferInOpcodeAndMnemonic()
    {
        CollectionAssert.AllItemsAreUnique(InstructionTable.Rows.Select(row => row.Opcode).ToArray());
        CollectionAssert.AllItemsAreUnique(InstructionTable.Rows.Select(row => row.Mnemonic).ToArray());
        CollectionAssert.AreEquivalent(Enum.GetValues<Opcode>(), InstructionTable.Rows.Select(row => row.Opcode).ToArray());
        Assert.IsNull(InstructionTable.Find((Opcode)0), "cleared memory is no instruction");
    }

    [TestMethod]
    public void Rows_Find_GivesTheRowOfItsOpcodeAndMnemonic()
    {
        foreach (InstructionDefinition row in InstructionTable.Rows)
        {
            Assert.AreSame(row, InstructionTable.Find(row.Opcode));
            Assert.AreSame(row, InstructionTable.Find(row.Mnemonic));
        }

        Assert.AreEqual(InstructionTable.Rows.Count,
            Enumerable.Range(0, 256).Count(opcode => InstructionTable.Find((Opcode)opcode) is not null));
    }

    [TestMethod]
    public void Fields_OfEveryRow_LieInTheWordAndDoNotOverlap()
    {
        foreach (InstructionDefinition row in InstructionTable.Rows)
        {
            FieldDefinition?[] owner = new FieldDefinition?[WordBits];
            foreach (FieldDefinition field in row.Fields)
            {
                Assert.IsTrue(field.Offset >= 8 && field.End <= WordBits && field.Width is >= 1 and <= MaxWidth,
                    $"{row.Mnemonic}.{field.Name}");
                for (int bit = field.Offset; bit < field.End; bit++)
                {
                    Assert.IsNull(owner[bit], $"{row.Mnemonic}: bit {bit} belongs to {owner[bit]?.Name} and {field.Name}");
                    owner[bit] = field;
                }
            }
        }
    }

    [TestMethod]
    public void Fields_OfEveryRow_StartWithTheSameHeader()
    {
        FieldDefinition[] header = [.. InstructionTable.Rows[0].Fields.Take(Header.Length)];
        CollectionAssert.AreEqual(Header, header.Select(field => field.Id).ToArray());
        Assert.AreEqual(8, header[0].Offset);
        foreach (InstructionDefinition row in InstructionTable.Rows)
        {
            CollectionAssert.AreEqual(header, row.Fields.Take(Header.Length).ToArray(), row.Mnemonic);
            Assert.IsTrue(row.Fields.Skip(Header.Length).All(field => field.Offset >= header[^1].End), row.Mnemonic);
        }
    }

    [TestMethod]
    public void Fields_OfEveryRow_HaveTheirOwnNamesAndIds()
    {
        foreach (InstructionDefinition row in InstructionTable.Rows)
        {
            CollectionAssert.AllItemsAreUnique(row.Fields.Select(field => field.Name).ToArray(), row.Mnemonic);
            CollectionAssert.AllItemsAreUnique(row.Fields.Select(field => field.Id).ToArray(), row.Mnemonic);
            foreach (FieldDefinition field in row.Fields)
            {
                // A name that reads as one word of assembly text.
                Assert.IsTrue(field.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)), $"{row.Mnemonic}.{field.Name}");
                Assert.AreEqual(field, row.Fields[row.IndexOf(field.Id)]);
            }
        }

        Field[] used = [.. InstructionTable.Rows.SelectMany(row => row.Fields).Select(field => field.Id).Distinct().Order()];
        CollectionAssert.AreEqual(Enum.GetValues<Field>(), used);
    }

    [TestMethod]
    public void Fields_OfEveryRow_HoldTheirRangeAndDefault()
    {
        foreach (InstructionDefinition row in InstructionTable.Rows)
        {
            foreach (FieldDefinition field in row.Fields)
            {
                string name = $"{row.Mnemonic}.{field.Name}";
                Assert.IsTrue(field.Minimum >= 0 && field.Minimum <= field.Maximum && field.Minimum % field.Scale == 0
                    && field.Maximum % field.Scale == 0, name);
                Assert.IsTrue(field.Maximum / field.Scale - field.Base < 1L << field.Width,
                    $"{name}: the maximum takes more than {field.Width} bits");
                Assert.IsTrue(field.Accepts(field.Default), $"{name}: the default is refused");
                Assert.AreEqual(field.Kind == FieldKind.Name ? field.Maximum + 1 : 0, field.Names.Length, name);
                Assert.AreEqual(field.Kind == FieldKind.Format, field.Width == FormatField.Width
                    && field.Name.EndsWith("format", StringComparison.Ordinal), name);
                Assert.AreNotEqual("", field.Meaning, name);
            }
        }
    }

    [TestMethod]
    public void Units_OfEveryRow_AreNamedByTheRowOrByItsField()
    {
        foreach (InstructionDefinition row in InstructionTable.Rows)
            Assert.AreEqual(row.Unit is null, row.IndexOf(Field.TargetUnit) >= 0, row.Mnemonic);
        FieldDefinition target = InstructionTable.Find(Opcode.Nop)!.Fields.Single(field => field.Id == Field.TargetUnit);
        CollectionAssert.AreEqual(Enum.GetNames<Unit>().Select(name => name.ToLowerInvariant()).ToArray(), target.Names);
    }

    // TensorOperand reads and writes the five fields from the first one on.
    [TestMethod]
    [DataRow(Field.SrcAddress)]
    [DataRow(Field.AddAddress)]
    [DataRow(Field.DstAddress)]
    public void TensorOperand_WrittenAndRead_IsTheSame(Field first)
    {
        Instruction instruction = new(Opcode.Vector);
        TensorOperand operand = TensorOperand.Dense(4096, Isa.Numerics.PatternFormat.Window(6, 3, signed: true), 7, 9, 20);
        operand.Write(instruction, first);
        Assert.AreEqual(operand, TensorOperand.Read(instruction, first));
        Assert.AreEqual(new TensorOperand(4096, operand.Format, 24, 24 * 9, 24 * 9 * 7), operand);
        Assert.AreEqual(4096 + 3 * 24 * 9 * 7, operand.EndOf(3, 7, 9, 24));
    }
}

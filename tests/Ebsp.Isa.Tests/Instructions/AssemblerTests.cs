using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Tests.Instructions;

[TestClass]
public sealed class AssemblerTests
{
    [TestMethod]
    public void Assemble_BlankLinesAndComments_AreSkipped()
    {
        Instruction[] program = Assembler.Assemble("; a program\r\n\r\n  nop unit=array signal=1 ; raises 1\n\tend\n");
        Assert.AreEqual(2, program.Length);
        Assert.AreEqual("nop signal=1 unit=array", program[0].ToString());
        Assert.AreEqual("end", program[1].ToString());
        Assert.AreEqual(0, Assembler.Assemble("").Length);
    }

    [TestMethod]
    public void Assemble_FieldsInAnyOrderAndBase_GiveOneInstruction()
    {
        Instruction one = Assembler.Assemble("vector src=0x400 srcformat=s6(3) dstformat=u8 term=second channels=16").Single();
        Instruction other = Assembler.Assemble("vector channels=0x10 term=second dstformat=u8 srcformat=s6(3) src=1024").Single();
        Assert.AreEqual(one, other);
        Assert.AreEqual(0x400, one[Field.SrcAddress]);
        Assert.AreEqual(2, one[Field.Term]);
    }

    [TestMethod]
    [DataRow("multiply", "no instruction is called 'multiply'")]
    [DataRow("NOP", "no instruction is called 'NOP'")]
    [DataRow("nop src=0", "nop has no field 'src'")]
    [DataRow("nop =1", "nop has no field ''")]
    [DataRow("nop signal", "field 'signal' has no value")]
    [DataRow("nop signal=1 signal=2", "field 'signal' stands twice")]
    [DataRow("nop signal=", "field 'signal' of nop cannot be ''")]
    [DataRow("nop signal=256", "field 'signal' of nop cannot be '256'")]
    [DataRow("nop signal=-1", "field 'signal' of nop cannot be '-1'")]
    [DataRow("nop signal=1.0", "field 'signal' of nop cannot be '1.0'")]
    [DataRow("nop signal=0x", "field 'signal' of nop cannot be '0x'")]
    [DataRow("nop signal=0xFFFFFFFFFFFFFFFF", "field 'signal' of nop cannot be '0xFFFFFFFFFFFFFFFF'")]
    [DataRow("nop signal=99999999999999999999", "field 'signal' of nop cannot be '99999999999999999999'")]
    [DataRow("nop signal=1=2", "field 'signal' of nop cannot be '1=2'")]
    [DataRow("nop unit=fetch", "field 'unit' of nop cannot be 'fetch'")]
    [DataRow("nop unit=2", "field 'unit' of nop cannot be '2'")]
    [DataRow("conv src=4", "field 'src' of conv cannot be '4'")]
    [DataRow("conv groups=0", "field 'groups' of conv cannot be '0'")]
    [DataRow("conv srcformat=s6(6)", "field 'srcformat' of conv cannot be 's6(6)'")]
    [DataRow("conv srcformat=12", "field 'srcformat' of conv cannot be '12'")]
    [DataRow("conv coding=Plain", "field 'coding' of conv cannot be 'Plain'")]
    public void TryRead_WrongLine_SaysWhatIsWrong(string line, string message)
    {
        Assert.IsFalse(Assembler.TryRead(line, out Instruction? instruction, out string? error));
        Assert.IsNull(instruction);
        Assert.AreEqual(message, error);
    }

    [TestMethod]
    public void TryRead_EmptyLine_SaysWhatIsWrong()
    {
        Assert.IsFalse(Assembler.TryRead(" ", out _, out string? error));
        Assert.AreEqual("no instruction is called ''", error);
    }

    [TestMethod]
    public void Assemble_WrongLine_NamesItsNumber()
    {
        FormatException wrong = Assert.ThrowsExactly<FormatException>(() => Assembler.Assemble("nop\n; comment\nnop signal=256\nend"));
        Assert.AreEqual("line 3: field 'signal' of nop cannot be '256'", wrong.Message);
    }
}

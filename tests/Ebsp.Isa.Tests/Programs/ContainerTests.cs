using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Programs;

namespace Ebsp.Isa.Tests.Programs;

[TestClass]
public sealed class ContainerTests
{
    [TestMethod]
    public void Open_OfWritten_GivesTheProgram()
    {
        byte[] file = SampleProgram.File();
        Assert.HasCount(SampleProgram.FileBytes, file);
        EbspProgram program = ProgramReader.Open(file);
        EbspProgram sample = SampleProgram.Program;
        Assert.AreEqual(sample.Arch, program.Arch);
        CollectionAssert.AreEqual(sample.Code, program.Code);
        CollectionAssert.AreEqual(sample.Io.Input.PixelTable, program.Io.Input.PixelTable);
        CollectionAssert.AreEqual(sample.Io.Labels, program.Io.Labels);
        Assert.AreEqual(sample.Io.Output, program.Io.Output);
        CollectionAssert.AreEqual(sample.HostSteps, program.HostSteps);
        CollectionAssert.AreEqual(sample.Symbols, program.Symbols);
        CollectionAssert.AreEqual(sample.Layers.Tiles, program.Layers.Tiles);
        CollectionAssert.AreEqual(sample.Layers.Tensors, program.Layers.Tensors);
        CollectionAssert.AreEqual(sample.Layers.InstructionLayers, program.Layers.InstructionLayers);
        Assert.AreEqual(sample.Regions, program.Regions);
        Assert.AreEqual(sample.Provenance, program.Provenance);
        Assert.IsTrue(sample.Weights.Span.SequenceEqual(program.Weights.Span));
        Assert.IsTrue(sample.Tables.Span.SequenceEqual(program.Tables.Span));
        Assert.IsTrue(sample.Model.Span.SequenceEqual(program.Model.Span));
        CollectionAssert.AreEqual(file, ProgramWriter.Write(program));
    }

    [TestMethod]
    public void Open_SeveralOutputsAndParts_GivesThemAll()
    {
        EbspProgram sample = SampleProgram.Program;
        // The region holds 2 images of 2 groups of 32 bytes; another output of one group follows.
        EbspProgram several = sample with
        {
            Io = sample.Io with { OtherOutputs = [new ProgramOutput("boxes", 4, 1, 1, 0.5, OutputTransforms.Exp)] },
            Regions = sample.Regions with { OutputBytes = 192 },
            Layers = sample.Layers with { Parts = [new MappedPart(0, "whole", 16, 8, 64, 8, 1)] },
        };
        byte[] file = ProgramWriter.Write(several);
        EbspProgram program = ProgramReader.Open(file);
        CollectionAssert.AreEqual(several.Io.Outputs, program.Io.Outputs);
        Assert.AreEqual(128, program.Io.OffsetOf(1));
        CollectionAssert.AreEqual(several.Layers.Parts, program.Layers.Parts);
        CollectionAssert.AreEqual(file, ProgramWriter.Write(program));
        foreach (EbspProgram wrong in (EbspProgram[])[several with { Regions = sample.Regions },
            several with { Io = several.Io with { OtherOutputs = [several.Io.OtherOutputs[0] with { Scale = 0 }] } },
            several with { Io = several.Io with { OtherOutputs = [several.Io.OtherOutputs[0] with { Transform = 8 }] } },
            several with { Layers = several.Layers with { Parts = [several.Layers.Parts[0] with { First = 65 }] } },
            several with { Layers = several.Layers with { Parts = [several.Layers.Parts[0] with { Tensor = 4 }] } }])
            Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.Open(ProgramWriter.Write(wrong)));
    }

    [TestMethod]
    public void Open_Weights_AreNotCopied()
    {
        byte[] file = SampleProgram.File();
        EbspProgram program = ProgramReader.Open(file);
        Assert.IsTrue(file.AsSpan().Overlaps(program.Weights.Span) && file.AsSpan().Overlaps(program.Tables.Span));
    }

    [TestMethod]
    public void Open_EmptySections_HaveNoPlace()
    {
        EbspProgram bare = SampleProgram.Program with { Model = default, Symbols = [] };
        bare = bare with { Code = [.. bare.Code.Select(i => i.Opcode == Isa.Instructions.Opcode.Mark ? bare.Code[^3] : i)] };
        byte[] file = ProgramWriter.Write(bare);
        CollectionAssert.AreEqual(file, ProgramWriter.Write(ProgramReader.Open(file)));
    }

    [TestMethod]
    public void DigestOf_File_IsThatOfItsHeaderAndChangesWithEverySection()
    {
        byte[] file = SampleProgram.File();
        string digest = ProgramReader.DigestOf(file);
        Assert.AreEqual(Convert.ToHexString(file.AsSpan(32, 32)), digest, ignoreCase: true);
        Assert.AreEqual(digest.ToLowerInvariant(), digest);
        byte[] weights = SampleProgram.Program.Weights.ToArray();
        weights[0] ^= 1;
        Assert.AreNotEqual(digest, ProgramReader.DigestOf(ProgramWriter.Write(SampleProgram.Program with { Weights = weights })));
        Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.DigestOf(file.AsSpan(0, file.Length - 1)));
        Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.DigestOf([]));
        file[100] ^= 1;
        Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.DigestOf(file));
    }

    [TestMethod]
    public void Open_EverySingleBitFlip_IsRefused()
    {
        // Prime steps, so that every bit of a byte and every place in a word comes up.
        int step = LongMode.On ? 1 : 53;
        int refused = 0;
        int bits = SampleProgram.FileBytes * 8;
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            byte[] file = SampleProgram.File();
            for (int bit = worker * step; bit < bits; bit += step * Environment.ProcessorCount)
            {
                file[bit / 8] ^= (byte)(1 << bit % 8);
                Refused(file, $"bit {bit}");
                file[bit / 8] ^= (byte)(1 << bit % 8);
                Interlocked.Increment(ref refused);
            }
        });
        Assert.AreEqual((bits + step - 1) / step, refused);
    }

    [TestMethod]
    public void Open_TruncationAtEveryByte_IsRefused()
    {
        byte[] file = SampleProgram.File();
        for (int length = 0; length < file.Length; length += LongMode.On || length < 2048 ? 1 : 51)
            Refused(file.AsMemory(0, length), $"length {length}");
    }

    [TestMethod]
    public void Open_BytesAppended_IsRefused()
    {
        byte[] file = [.. SampleProgram.File(), 0];
        Refused(file, "one zero byte more");
    }

    [TestMethod]
    public void Open_OnMachineWithOtherStructure_NamesTheFields()
    {
        ArchSpec other = SampleProgram.Program.Arch with { Name = "other", Rows = 17, QueueDepth = 3, ClockHz = 1_000_000 };
        EbspFormatException refusal = Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.Open(SampleProgram.File(), other));
        Assert.AreEqual(ProgramRule.Machine, refusal.Rule);
        Assert.AreEqual("EBSP4009", refusal.Code);
        Assert.Contains("rows, queueDepth;", refusal.Message);
        Assert.DoesNotContain("clockHz", refusal.Message);
    }

    [TestMethod]
    public void Open_EveryStructuralFieldChanged_IsNamed()
    {
        ArchSpec arch = SampleProgram.Program.Arch;
        foreach (ArchField field in ArchField.All)
        {
            long value = field.Get(arch) == field.Minimum ? field.Maximum : field.Minimum;
            ArchSpec other = field.Set(arch, value);
            if (!field.Structural)
            {
                Assert.AreEqual(value, field.Get(ProgramReader.Open(SampleProgram.File(), other).Arch), field.Name);
                continue;
            }

            EbspFormatException refusal = Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.Open(SampleProgram.File(), other));
            Assert.Contains($"in {field.Name};", refusal.Message);
        }
    }

    [TestMethod]
    public void Open_UnknownFeatures_AreNamed()
    {
        byte[] file = SampleProgram.File();
        file[13] = 0x21;
        EbspFormatException refusal = Assert.ThrowsExactly<EbspFormatException>(() => ProgramReader.Open(file));
        Assert.AreEqual(ProgramRule.Feature, refusal.Rule);
        Assert.Contains("feature-8, feature-13", refusal.Message);
    }

    [TestMethod]
    [DataRow("a\u202Eb")]
    [DataRow("line\nbreak")]
    [DataRow("\u2066")]
    public void Write_TextThatTerminalsObey_Throws(string name)
    {
        EbspProgram program = SampleProgram.Program with { Symbols = ["load", name] };
        Assert.Throws<ArgumentException>(() => ProgramWriter.Write(program));
    }

    [TestMethod]
    public void Write_LoneSurrogate_Throws()
    {
        EbspProgram program = SampleProgram.Program with { Symbols = ["load", "\uD800"] };
        Assert.Throws<ArgumentException>(() => ProgramWriter.Write(program));
    }

    [TestMethod]
    public void Write_TextOf1025Bytes_Throws()
    {
        ProgramWriter.Write(SampleProgram.Program with { Symbols = ["load", new string('x', 1024)] });
        Assert.Throws<ArgumentException>(() =>
            ProgramWriter.Write(SampleProgram.Program with { Symbols = ["load", new string('x', 1025)] }));
    }

    private static void Refused(ReadOnlyMemory<byte> file, string what)
    {
        try
        {
            ProgramReader.Open(file);
        }
        catch (EbspFormatException)
        {
            return;
        }

        Assert.Fail($"{what} was accepted");
    }
}

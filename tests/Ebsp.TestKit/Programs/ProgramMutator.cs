using System.Collections.Immutable;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.TestKit.Programs;

/// <summary>A changed program file.</summary>
/// <param name="File">Its bytes.</param>
/// <param name="RunOn">The machine that it is opened on, or null.</param>
/// <param name="Resealed">Whether it was changed after parsing, with digests computed again.</param>
public sealed record ProgramMutant(byte[] File, ArchSpec? RunOn, bool Resealed);

/// <summary>
/// Mutants of the sample program, the same for the same seed. Even seeds change bytes of the file; odd seeds change what is in it and
/// compute the digests again: fields of instructions, the order of words, bytes of sections, numbers of records, header and table.
/// </summary>
public static class ProgramMutator
{
    /// <summary>The mutant of a seed.</summary>
    public static ProgramMutant Mutant(int seed)
    {
        Random random = new(seed);
        if (seed % 2 == 0)
            return new ProgramMutant(Bytes(random), null, Resealed: false);
        if (seed % 4 == 1)
        {
            RuleBreaker breaker = RuleBreaker.All[(seed / 4) % RuleBreaker.All.Count];
            return new ProgramMutant(Varied(breaker.File(), random), breaker.RunOn, Resealed: true);
        }

        byte[] file = random.Next(10) switch
        {
            < 5 => ProgramWriter.Write(Fields(SampleProgram.Program, random)),
            < 6 => ProgramWriter.Write(Words(SampleProgram.Program, random)),
            < 7 => ProgramWriter.Write(Data(SampleProgram.Program, random)),
            < 9 => SectionBytes(random),
            _ => HeaderBytes(random),
        };
        return new ProgramMutant(file, random.Next(4) == 0 ? SampleProgram.Program.Arch : null, Resealed: true);
    }

    // The same fault in another program: other weights, sometimes a field of an instruction as well.
    private static byte[] Varied(byte[] file, Random random)
    {
        try
        {
            ReadOnlyMemory<byte>[] sections = ProgramContainer.Read(file, out _);
            byte[] weights = sections[(int)SectionId.Weights - 1].ToArray();
            random.NextBytes(weights.AsSpan(0, 1408));
            sections[(int)SectionId.Weights - 1] = weights;
            byte[] code = sections[(int)SectionId.Code - 1].ToArray();
            Span<byte> word = code.AsSpan(random.Next(code.Length / Instruction.SizeBytes) * Instruction.SizeBytes);
            if (code.Length > 0 && random.Next(4) == 0 && Instruction.TryDecode(word, out Instruction? instruction, out _))
            {
                Changed(instruction!, random).Encode(word);
                sections[(int)SectionId.Code - 1] = code;
            }

            return ProgramContainer.Write(sections);
        }
        catch (EbspFormatException)
        {
            // The fault is in header or table.
            return file;
        }
    }

    private static byte[] Bytes(Random random)
    {
        byte[] file = SampleProgram.File();
        // Half of the places in header and table, which are a hundredth of the file.
        int Place() => random.Next(2) == 0 ? random.Next(ProgramContainer.FirstSection) : random.Next(file.Length);
        switch (random.Next(8))
        {
            case 0:
                return file[..random.Next(file.Length)];
            case 1:
                return [.. file, .. new byte[random.Next(1, 100)]];
            case 2:
                int cut = Place();
                return [.. file[..cut], .. file[Math.Min(cut + random.Next(1, 65), file.Length)..]];
            case 3:
                int from = Place();
                int length = Math.Min(random.Next(1, 129), file.Length - from);
                file.AsSpan(from, length).CopyTo(file.AsSpan(random.Next(file.Length - length)));
                file[Place()] ^= (byte)random.Next(1, 256);
                return file;
            default:
                for (int n = random.Next(1, 5); n > 0; n--)
                    file[Place()] ^= (byte)random.Next(1, 256);
                return file;
        }
    }

    // One to three fields of instructions, near what they were or anywhere.
    private static EbspProgram Fields(EbspProgram program, Random random)
    {
        ImmutableArray<Instruction> code = program.Code;
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int index = random.Next(code.Length);
            code = code.SetItem(index, Changed(code[index], random));
        }

        return program with { Code = code };
    }

    private static Instruction Changed(Instruction instruction, Random random)
    {
        Instruction changed = RuleBreaker.Copy(instruction);
        FieldDefinition field = changed.Definition.Fields[random.Next(changed.Definition.Fields.Count)];
        long value = Value(field, changed[field.Id], random);
        if (field.Accepts(value))
            changed[field.Id] = value;
        return changed;
    }

    private static long Value(FieldDefinition field, long old, Random random) => random.Next(6) switch
    {
        0 => field.Minimum,
        1 => field.Maximum,
        2 => old + field.Scale,
        3 => old - field.Scale,
        4 => old ^ (long)field.Scale << random.Next(field.Width),
        _ => random.NextInt64(field.Minimum, field.Maximum + 1) / field.Scale * field.Scale,
    };

    private static EbspProgram Words(EbspProgram program, Random random)
    {
        int one = random.Next(program.Code.Length);
        int other = random.Next(program.Code.Length);
        ImmutableArray<Instruction> code = random.Next(4) switch
        {
            0 => program.Code.SetItem(one, program.Code[other]).SetItem(other, program.Code[one]),
            1 => program.Code.SetItem(one, program.Code[other]),
            2 => program.Code.RemoveAt(one),
            _ => program.Code.Insert(one, program.Code[other]),
        };
        return program with { Code = code, Layers = random.Next(4) == 0 ? program.Layers : LayerMap.Empty(code.Length) };
    }

    // Weights, biases and constants: most such programs are valid, and compute something else or trap.
    private static EbspProgram Data(EbspProgram program, Random random)
    {
        byte[] weights = program.Weights.ToArray();
        byte[] tables = program.Tables.ToArray();
        for (int n = random.Next(1, 9); n > 0; n--)
        {
            weights[random.Next(1408)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                tables[random.Next(tables.Length)] = (byte)random.Next(256);
        }

        return program with { Weights = weights, Tables = tables };
    }

    private static byte[] SectionBytes(Random random)
    {
        ReadOnlyMemory<byte>[] sections = ProgramWriter.Sections(SampleProgram.Program);
        int id = random.Next(sections.Length);
        byte[] bytes = sections[id].ToArray();
        switch (random.Next(8))
        {
            case 0:
                bytes = bytes[..random.Next(bytes.Length + 1)];
                break;
            case 1:
                bytes = [.. bytes, .. new byte[random.Next(1, 17)]];
                break;
            default:
                for (int n = random.Next(1, 4); n > 0; n--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(random.Next(2) == 0 ? 1 << random.Next(8) : random.Next(256));
                break;
        }

        sections[id] = bytes;
        return ProgramContainer.Write(sections);
    }

    private static byte[] HeaderBytes(Random random)
    {
        byte[] file = SampleProgram.File();
        for (int n = random.Next(1, 3); n > 0; n--)
        {
            // Header words, or id, place and length of an entry: not its digest.
            int at = random.Next(2) == 0 ? random.Next(32) : ProgramContainer.HeaderBytes
                + random.Next(ProgramContainer.Sections) * ProgramContainer.EntryBytes + random.Next(32);
            file[at] ^= (byte)(1 << random.Next(8));
        }

        ProgramContainer.Seal(file);
        return file;
    }
}

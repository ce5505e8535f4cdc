using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Programs;

/// <summary>Opens .ebsp files (docs/ebsp-file.md).</summary>
public static class ProgramReader
{
    /// <summary>Opens a file on the machine that it was compiled for.</summary>
    /// <param name="file">The whole file; weights, tables and model of the program are slices of it, so it must not change.</param>
    /// <exception cref="EbspFormatException">The file breaks a rule.</exception>
    public static EbspProgram Open(ReadOnlyMemory<byte> file) => Open(file, null);

    /// <summary>Opens a file on a given machine: its timing fields and name are taken.</summary>
    /// <param name="file">The whole file; weights, tables and model of the program are slices of it, so it must not change.</param>
    /// <param name="runOn">The machine, or null for the one of the file.</param>
    /// <exception cref="EbspFormatException">The file breaks a rule, or the machines differ in structural fields, which the message
    /// names.</exception>
    public static EbspProgram Open(ReadOnlyMemory<byte> file, ArchSpec? runOn)
    {
        ReadOnlyMemory<byte>[] sections = ProgramContainer.Read(file, out long[] offsets);
        SectionReader From(SectionId id) => new(sections[(int)id - 1].Span, id, offsets[(int)id - 1]);

        SectionReader arch = From(SectionId.Arch);
        SectionReader io = From(SectionId.Io);
        SectionReader host = From(SectionId.Host);
        SectionReader regions = From(SectionId.Regions);
        SectionReader symbols = From(SectionId.Symbols);
        SectionReader layers = From(SectionId.Layers);
        SectionReader provenance = From(SectionId.Provenance);
        EbspProgram program = new()
        {
            Arch = ProgramSections.Arch(sections[(int)SectionId.Arch - 1].Span, arch),
            Io = ProgramSections.Io(ref io),
            HostSteps = sections[(int)SectionId.Host - 1].IsEmpty ? [] : ProgramSections.Host(ref host),
            Code = Code(sections[(int)SectionId.Code - 1].Span, offsets[(int)SectionId.Code - 1]),
            Weights = sections[(int)SectionId.Weights - 1],
            Tables = sections[(int)SectionId.Tables - 1],
            Regions = ProgramSections.Regions(ref regions),
            Symbols = sections[(int)SectionId.Symbols - 1].IsEmpty ? [] : ProgramSections.Symbols(ref symbols),
            Layers = ProgramSections.Layers(ref layers),
            Model = sections[(int)SectionId.Model - 1],
            Provenance = ProgramSections.Provenance(ref provenance),
        };
        io.End();
        host.End();
        regions.End();
        symbols.End();
        layers.End();
        provenance.End();
        CheckCanonical(program, sections, offsets);
        ProgramValidator.Check(program, offsets[(int)SectionId.Code - 1]);
        if (runOn is null)
            return program;
        IReadOnlyList<string> differences = ArchJson.StructuralDifferences(program.Arch, runOn);
        return differences.Count == 0
            ? program with { Arch = runOn }
            : throw new EbspFormatException(ProgramRule.Machine, -1, "machine",
                $"'{runOn.Name}' differs from '{program.Arch.Name}', for which the program was compiled, in " +
                    $"{string.Join(", ", differences)}; compile again for it");
    }

    /// <summary>
    /// The digest of a file's header and section table, which holds the digest of every section: it names the whole content. Header and its
    /// digest are checked, the sections are not (<see cref="Open(ReadOnlyMemory{byte})"/> does); the time does not depend on the size of
    /// the file.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="EbspFormatException">The header is damaged or of another version, or the file has another length than it
    /// says.</exception>
    public static string DigestOf(ReadOnlySpan<byte> file) => ProgramContainer.DigestOf(file);

    /// <summary>Where an instruction stands.</summary>
    /// <param name="file">A file that opens.</param>
    /// <param name="instruction">Index of the instruction.</param>
    /// <returns>Its first byte in the file.</returns>
    internal static long OffsetOf(ReadOnlyMemory<byte> file, int instruction)
    {
        _ = ProgramContainer.Read(file, out long[] offsets);
        return offsets[(int)SectionId.Code - 1] + (long)instruction * Instruction.SizeBytes;
    }

    private static ImmutableArray<Instruction> Code(ReadOnlySpan<byte> words, long offset)
    {
        if (words.Length % Instruction.SizeBytes != 0)
            throw new EbspFormatException(ProgramRule.Section, offset, "section code",
                $"{words.Length} bytes are no whole number of words of {Instruction.SizeBytes}");
        Instruction[] code = new Instruction[words.Length / Instruction.SizeBytes];
        for (int i = 0; i < code.Length; i++)
        {
            int at = i * Instruction.SizeBytes;
            if (!Instruction.TryDecode(words[at..], out Instruction? instruction, out string? error))
                throw new EbspFormatException(ProgramRule.Instruction, offset + at, $"instruction {i}", error!);
            code[i] = instruction!;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(code);
    }

    // What is not one of a kind when written again was not written by the rules: a second spelling of the same program. Words have one
    // spelling.
    private static void CheckCanonical(EbspProgram program, ReadOnlyMemory<byte>[] sections, long[] offsets)
    {
        ReadOnlyMemory<byte>[] again = ProgramWriter.Sections(program, sections[(int)SectionId.Code - 1]);
        for (int i = 0; i < again.Length; i++)
        {
            ReadOnlySpan<byte> written = sections[i].Span;
            if (again[i].Span.SequenceEqual(written))
                continue;
            int same = again[i].Span.CommonPrefixLength(written);
            throw new EbspFormatException(ProgramRule.Canonical, offsets[i] + same,
                $"section {((SectionId)(i + 1)).ToString().ToLowerInvariant()}", "it is not in the canonical form");
        }
    }
}

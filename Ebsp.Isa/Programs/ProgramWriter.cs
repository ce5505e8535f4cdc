using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Programs;

/// <summary>Writes a .ebsp file (docs/ebsp-file.md). The same program always gives the same bytes.</summary>
public static class ProgramWriter
{
    /// <summary>The file of a program. Whether the program keeps to the rules is checked by <see cref="ProgramValidator"/>, and when the
    /// file is opened.</summary>
    /// <exception cref="ArgumentException">A text that a program cannot hold, a pixel table of another length, 2 GiB or more.</exception>
    public static byte[] Write(EbspProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return ProgramContainer.Write(Sections(program));
    }

    /// <summary>The sections in the order of their ids.</summary>
    internal static ReadOnlyMemory<byte>[] Sections(EbspProgram program) => Sections(program, Code(program));

    /// <summary>The sections in the order of their ids.</summary>
    /// <param name="program">The program.</param>
    /// <param name="code">Its words, where they are at hand.</param>
    internal static ReadOnlyMemory<byte>[] Sections(EbspProgram program, ReadOnlyMemory<byte> code) =>
    [
        ArchJson.Write(program.Arch),
        ProgramSections.Io(program.Io),
        ProgramSections.Host(program.HostSteps),
        code,
        program.Weights,
        program.Tables,
        ProgramSections.Regions(program.Regions),
        ProgramSections.Symbols(program.Symbols),
        ProgramSections.Layers(program.Layers),
        program.Model,
        ProgramSections.Provenance(program.Provenance),
    ];

    private static byte[] Code(EbspProgram program)
    {
        byte[] words = new byte[program.Code.Length * (long)Instruction.SizeBytes];
        for (int i = 0; i < program.Code.Length; i++)
            program.Code[i].Encode(words.AsSpan(i * Instruction.SizeBytes));
        return words;
    }
}

using Ebsp.Emulator.Models;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests.Models;

/// <summary>A model as the generator makes them, of a program at hand.</summary>
internal sealed class TestModel(ModelBlob blob, MachineOptions? options = null) : EbspModel(blob, options)
{
    public TestModel(EbspProgram program, MachineOptions? options = null)
        : this(Blob(ProgramWriter.Write(program)), options)
    {
    }

    /// <summary>A blob of a file in memory.</summary>
    public static ModelBlob Blob(ReadOnlyMemory<byte> file) => new(file, "test", ProgramReader.DigestOf(file.Span));
}

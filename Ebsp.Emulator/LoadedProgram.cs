using Ebsp.Emulator.Fast;
using Ebsp.Emulator.Operations;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;

namespace Ebsp.Emulator;

/// <summary>What the machines of one program share: its decoded operations, their order, and what the fast engine prepares. Safe for use by
/// several threads.</summary>
internal sealed class LoadedProgram
{
    /// <param name="program">A valid program, as the reader and the compiler give it.</param>
    /// <param name="options">How to run it; null takes the fast engine with the host's best kernels.</param>
    /// <exception cref="ArgumentException">An instruction breaks a rule of the instruction table.</exception>
    public LoadedProgram(EbspProgram program, MachineOptions? options)
    {
        Program = program;
        Options = options ?? new MachineOptions();
        Operations = Decoder.Decode(program, Options.PlainOperands, out (Region Region, int First, int End)[] written,
            out (int Buffer, int Psum) reached);
        Written = written;
        (BufferBytes, PsumBytes) = reached;
        Schedule = ExecutionOrder.Of(program, Options.InterleavingSeed);
        if (Options.Engine == EngineKind.Fast)
            Plans = new PlanCache(Operations, program.Weights);
    }

    public EbspProgram Program { get; }

    public MachineOptions Options { get; }

    public Operation[] Operations { get; }

    public ExecutionOrder Schedule { get; }

    /// <summary>The bytes that the program writes, sorted and merged.</summary>
    public (Region Region, int First, int End)[] Written { get; }

    /// <summary>Bytes of the buffer that the program reaches: a small one does not take all that the machine has.</summary>
    public int BufferBytes { get; }

    /// <summary>Bytes of psum memory that the program reaches.</summary>
    public int PsumBytes { get; }

    /// <summary>Plans of the fast engine; null for another one.</summary>
    public PlanCache? Plans { get; }
}

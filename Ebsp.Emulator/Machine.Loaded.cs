using Ebsp.Emulator.Fast;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;

namespace Ebsp.Emulator;

public sealed partial class Machine
{
    /// <summary>What the machines of one program share: its decoded instructions, their order, and what the fast engine prepares. Safe
    /// for use by several threads.</summary>
    internal sealed class Loaded
    {
        /// <param name="program">A valid program, as the reader and the compiler give it.</param>
        /// <param name="options">How to run it; null takes the fast engine with the host's best kernels.</param>
        /// <exception cref="ArgumentException">An instruction breaks a rule of the instruction table.</exception>
        public Loaded(EbspProgram program, MachineOptions? options)
        {
            Options = options ?? new MachineOptions();
            Decoded = Decoder.Decode(program, Options.PlainOperands);
            Schedule = ExecutionOrder.Of(program, Options.InterleavingSeed);
            if (Options.Engine == EngineKind.Fast)
                Plans = new PlanCache(Decoded);
        }

        public EbspProgram Program => Decoded.Program;

        public MachineOptions Options { get; }

        public DecodedProgram Decoded { get; }

        public ExecutionOrder Schedule { get; }

        /// <summary>Plans of the fast engine; null for another one.</summary>
        public PlanCache? Plans { get; }
    }
}

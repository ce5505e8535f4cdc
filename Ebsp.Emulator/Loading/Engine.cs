using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Loading;

/// <summary>Executes one instruction on a machine's memories.</summary>
internal abstract class Engine
{
    /// <param name="state">The memories.</param>
    /// <param name="instruction">A decoded instruction, all of whose ranges lie inside their regions.</param>
    public abstract void Execute(MachineState state, InstructionView instruction);
}

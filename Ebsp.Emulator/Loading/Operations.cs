using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Loading;

/// <summary>A VECTOR with its constants block.</summary>
internal sealed class VectorOperation(Instruction instruction, int index, VectorConstants constants) : VectorInstruction(instruction, index)
{
    public VectorConstants Constants { get; } = constants;
}

/// <summary>A HOST with its step of the host section.</summary>
internal sealed class HostOperation(Instruction instruction, int index, HostStepKind kind, ResponseConstants? response)
    : HostInstruction(instruction, index)
{
    public HostStepKind Kind { get; } = kind;

    /// <summary>The constants of a local response; null for other kinds.</summary>
    public ResponseConstants? Response { get; } = response;
}

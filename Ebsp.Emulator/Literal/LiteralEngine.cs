using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Literal;

/// <summary>Every instruction by its definition.</summary>
internal sealed class LiteralEngine(ProductTable table) : Engine
{
    private readonly LiteralArray _array = new(table);

    public override void Execute(MachineState state, InstructionView instruction)
    {
        switch (instruction)
        {
            case ArrayInstruction array:
                _array.Execute(state, array);
                break;
            case VectorOperation vector:
                Semantics.Vector(state, vector);
                break;
            case LutInstruction lut:
                Semantics.Lut(state, lut);
                break;
            case PoolInstruction pool:
                Semantics.Pool(state, pool);
                break;
            case TransferInstruction { Store: false } load:
                Semantics.Load(state, load);
                break;
            case TransferInstruction store:
                Semantics.Store(state, store);
                break;
            case HostOperation { Response: not null } response:
                Semantics.LocalResponse(state, response);
                break;
            case HostOperation reorder:
                Semantics.Reorder(state, reorder);
                break;
        }
    }
}

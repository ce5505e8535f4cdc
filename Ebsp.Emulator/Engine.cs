using Ebsp.Emulator.Operations;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator;

/// <summary>Executes one operation on a machine's memories.</summary>
internal abstract class Engine
{
    public abstract void Execute(MachineState state, Operation operation);
}

/// <summary>Every operation by its definition.</summary>
internal sealed class LiteralEngine(ProductTable table) : Engine
{
    private readonly LiteralArray _array = new(table);

    public override void Execute(MachineState state, Operation operation)
    {
        switch (operation)
        {
            case ArrayOperation array:
                _array.Execute(state, array);
                break;
            case VectorOperation vector:
                Semantics.Vector(state, vector);
                break;
            case LutOperation lut:
                Semantics.Lut(state, lut);
                break;
            case PoolOperation pool:
                Semantics.Pool(state, pool);
                break;
            case TransferOperation { Store: false } load:
                Semantics.Load(state, load);
                break;
            case TransferOperation store:
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

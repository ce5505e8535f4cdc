using Ebsp.Emulator.Operations;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>Whole tiles with the host's own multipliers; shapes that no unit takes go to the literal machine, so the bits are always its own.</summary>
internal sealed class FastEngine : Engine
{
    private readonly object?[] _plans;
    private readonly LiteralEngine _literal;
    private readonly ArrayUnit _array;
    private readonly DepthwiseUnit _depthwise;
    private readonly VectorUnit _vector;
    private readonly PoolUnit _pool;

    /// <param name="tier">Kernels; null takes the host's best.</param>
    /// <param name="instructions">Instructions of the program.</param>
    /// <param name="patternLength">Pattern length of the machine.</param>
    public FastEngine(KernelTier? tier, int instructions, int patternLength)
    {
        Tier = tier ?? HostKernels.Best;
        if (!HostKernels.IsSupported(Tier))
            throw new PlatformNotSupportedException($"this host, or this build, has no {Tier} kernels");
        _plans = new object?[instructions];
        _literal = new LiteralEngine(ProductTable.For(patternLength));
        _array = new ArrayUnit(HostKernels.ArrayKernelOf(Tier));
        _depthwise = new DepthwiseUnit(Tier != KernelTier.Scalar);
        _vector = new VectorUnit(HostKernels.VectorKernelOf(Tier));
        _pool = new PoolUnit(Tier != KernelTier.Scalar);
    }

    public KernelTier Tier { get; }

    public override void Execute(MachineState state, Operation operation)
    {
        switch (operation)
        {
            case ArrayOperation { Opcode: Opcode.Depthwise } depthwise when DepthwiseUnit.Takes(depthwise):
                _depthwise.Execute(state, depthwise, (DepthwisePlan)(_plans[operation.Index] ??= new DepthwisePlan(depthwise)));
                break;
            case ArrayOperation { Opcode: not Opcode.Depthwise } array when ArrayUnit.Takes(array):
                _array.Execute(state, array, (ArrayPlan)(_plans[operation.Index] ??= new ArrayPlan(array)));
                break;
            case VectorOperation vector when VectorUnit.Takes(vector):
                _vector.Execute(state, vector, (VectorPlan)(_plans[operation.Index] ??= new VectorPlan(vector)));
                break;
            case PoolOperation pool when PoolUnit.Takes(pool):
                _pool.Execute(state, pool);
                break;
            case TransferOperation transfer:
                TransferUnit.Execute(state, transfer);
                break;
            default:
                _literal.Execute(state, operation);
                break;
        }
    }
}

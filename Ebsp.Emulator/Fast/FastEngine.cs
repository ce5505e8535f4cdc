using Ebsp.Emulator.Operations;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>Whole tiles with the host's own multipliers; shapes that no unit takes go to the literal machine, so the bits are always its own.</summary>
internal sealed class FastEngine : Engine
{
    private readonly PlanCache _plans;
    private readonly VectorPlan?[] _vectorPlans;
    private readonly (StageOffsets Offsets, UnpackedWeights Weights)[] _arrayPlans;
    private readonly LiteralEngine _literal;
    private readonly ArrayUnit _array;
    private readonly DepthwiseUnit _depthwise;
    private readonly VectorUnit _vector;
    private readonly PoolUnit _pool;

    /// <param name="tier">Kernels; null takes the host's best.</param>
    /// <param name="operations">Operations of the program.</param>
    /// <param name="weights">Region weights.</param>
    /// <param name="patternLength">Pattern length of the machine.</param>
    public FastEngine(KernelTier? tier, Operation[] operations, ReadOnlyMemory<byte> weights, int patternLength)
    {
        Tier = tier ?? HostKernels.Best;
        if (!HostKernels.IsSupported(Tier))
            throw new PlatformNotSupportedException($"this host, or this build, has no {Tier} kernels");
        _plans = new PlanCache(operations, weights);
        _vectorPlans = new VectorPlan?[operations.Length];
        _arrayPlans = new (StageOffsets, UnpackedWeights)[operations.Length];
        SourceStage stage = new();
        _literal = new LiteralEngine(ProductTable.For(patternLength));
        _array = new ArrayUnit(HostKernels.ArrayKernelOf(Tier), stage);
        _depthwise = new DepthwiseUnit(Tier != KernelTier.Scalar, stage);
        _vector = new VectorUnit(HostKernels.VectorKernelOf(Tier));
        _pool = new PoolUnit(Tier != KernelTier.Scalar, stage);
    }

    public KernelTier Tier { get; }

    public override void Execute(MachineState state, Operation operation)
    {
        switch (operation)
        {
            case ArrayOperation { Opcode: Opcode.Depthwise } depthwise when DepthwiseUnit.Takes(depthwise):
                if (_arrayPlans[operation.Index].Offsets is null)
                    _arrayPlans[operation.Index] = (_plans.Offsets(depthwise), _plans.Depthwise(depthwise));
                _depthwise.Execute(state, depthwise, _arrayPlans[operation.Index].Offsets, (DepthwiseWeights)_arrayPlans[operation.Index].Weights);
                break;
            case ArrayOperation { Opcode: not Opcode.Depthwise } array when ArrayUnit.Takes(array):
                if (_arrayPlans[operation.Index].Offsets is null)
                    _arrayPlans[operation.Index] = (_plans.Offsets(array), _plans.Panels(array));
                _array.Execute(state, array, _arrayPlans[operation.Index].Offsets, (WeightPanels)_arrayPlans[operation.Index].Weights);
                break;
            case VectorOperation vector when VectorUnit.Takes(vector):
                _vector.Execute(state, vector, _vectorPlans[operation.Index] ??= new VectorPlan(vector, _plans));
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

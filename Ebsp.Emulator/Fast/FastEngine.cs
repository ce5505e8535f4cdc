using Ebsp.Emulator.Literal;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>Whole tiles with the host's own multipliers; shapes that no unit takes go to the literal machine, so the bits are always its
/// own.</summary>
internal sealed class FastEngine : Engine
{
    private readonly PlanCache _plans;
    private readonly OwnWeights _weights = new();
    private readonly LiteralEngine _literal;
    private readonly ArrayUnit _array;
    private readonly DepthwiseUnit _depthwise;
    private readonly VectorUnit _vector;
    private readonly PoolUnit _pool;

    /// <param name="tier">Kernels; null takes the host's best.</param>
    /// <param name="plans">The program's plans, for all its machines.</param>
    /// <param name="patternLength">Pattern length of the machine.</param>
    public FastEngine(KernelTier? tier, PlanCache plans, int patternLength)
    {
        Tier = tier ?? KernelTiers.Supported[0];
        if (!KernelTiers.IsSupported(Tier))
            throw new PlatformNotSupportedException($"this host, or this build, has no {Tier} kernels");
        _plans = plans;
        SourceStage stage = new();
        _literal = new LiteralEngine(ProductTable.For(patternLength));
        _array = new ArrayUnit(KernelTiers.ArrayKernelOf(Tier), stage);
        _depthwise = new DepthwiseUnit(Tier != KernelTier.Scalar, stage);
        _vector = new VectorUnit(KernelTiers.VectorKernelOf(Tier));
        _pool = new PoolUnit(Tier != KernelTier.Scalar, stage);
    }

    public KernelTier Tier { get; }

    public override void Execute(MachineState state, InstructionView instruction)
    {
        switch (instruction)
        {
            case ArrayInstruction { Opcode: Opcode.Depthwise } depthwise when DepthwiseUnit.Takes(depthwise):
                ArrayPlan depthwisePlan = _plans.Of(depthwise);
                _depthwise.Execute(state, depthwise, depthwisePlan.Offsets, (DepthwiseWeights)WeightsOf(state, depthwise, depthwisePlan));
                break;
            case ArrayInstruction { Opcode: not Opcode.Depthwise } array when ArrayUnit.Takes(array):
                ArrayPlan arrayPlan = _plans.Of(array);
                _array.Execute(state, array, arrayPlan.Offsets, (WeightPanels)WeightsOf(state, array, arrayPlan));
                break;
            case VectorOperation vector when VectorUnit.Takes(vector):
                _vector.Execute(state, vector, _plans.Of(vector));
                break;
            case PoolInstruction pool when PoolUnit.Takes(pool):
                _pool.Execute(state, pool);
                break;
            case TransferInstruction transfer:
                TransferUnit.Execute(state, transfer);
                break;
            default:
                _literal.Execute(state, instruction);
                break;
        }
    }

    private UnpackedWeights WeightsOf(MachineState state, ArrayInstruction op, ArrayPlan plan) => plan.Weights?.Find(state.Buffer, op)
        ?? _weights.Find(state.Buffer, op);
}

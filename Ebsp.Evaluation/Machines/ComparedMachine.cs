using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// What the machines of the comparison have in common: DRAM and buffer with their leakage and that of the core come first in the list of
/// actions, DRAM and array run side by side (the buffer is filled double), and layers without weights take no time.
/// </summary>
internal abstract class ComparedMachine : IMachine
{
    // CACTI's best energy a byte for large buffers; the vector of 32 bytes that a row or column of the array takes.
    private const int BufferWordBits = 256;

    private const int Shared = 6;

    protected ComparedMachine(MachineSpec spec, long bufferBytes, params ReadOnlySpan<MachineAction> core)
    {
        Spec = spec;
        Actions =
        [
            new("DRAM bytes read", EnergyPart.Dram, ActionCost.DramByte),
            new("DRAM bytes written", EnergyPart.Dram, ActionCost.DramByte),
            new("buffer bytes read", EnergyPart.Buffer, ActionCost.ReadByte(bufferBytes, BufferWordBits)),
            new("buffer bytes written", EnergyPart.Buffer, ActionCost.WriteByte(bufferBytes, BufferWordBits)),
            new("buffer leakage, ns", EnergyPart.Static, ActionCost.SramLeakage(bufferBytes)),
            new("core leakage, ns", EnergyPart.Static,
                spec.AreaRow.Length == 0 ? ActionCost.Fixed(0, "none given") : ActionCost.CoreLeakage(spec.AreaRow, spec.Elements)),
            .. core,
        ];
    }

    /// <inheritdoc/>
    public MachineSpec Spec { get; }

    /// <inheritdoc/>
    public ImmutableArray<MachineAction> Actions { get; }

    /// <inheritdoc/>
    public virtual LayerResult Run(LayerShape layer, Conditions conditions, Placement placement)
    {
        if (!layer.HasWeights)
            return new LayerResult(0, 0, 0, 0, 0, 0, [.. new double[Actions.Length]]);
        (int weightBits, int activationBits) = BitsOf(layer);
        Traffic dram = Traffic.Of(layer, weightBits, activationBits, activationBits, conditions.BufferBytes, placement);
        ArrayWork work = Work(layer, placement);
        double cycles = Math.Max(work.Cycles, dram.Bytes / conditions.DramBytesPerCycle);
        return Result(work, dram, cycles, conditions);
    }

    /// <summary>Bits that a layer is kept at.</summary>
    protected virtual (int Weights, int Activations) BitsOf(LayerShape layer) => (Spec.ActivationBits, Spec.ActivationBits);

    /// <summary>What the array does in a layer with weights.</summary>
    protected abstract ArrayWork Work(LayerShape layer, Placement placement);

    /// <summary>What an action of the core counts by time, such as leakage of its own memories; 0 for others.</summary>
    protected virtual double OwnNanoseconds(int action, double nanoseconds) => 0;

    /// <summary>Assembles a result: what comes from DRAM is written to the buffer, what goes to it is read.</summary>
    protected LayerResult Result(ArrayWork work, Traffic dram, double cycles, Conditions conditions)
    {
        double read = work.BufferReadBytes + dram.WrittenBytes, written = work.BufferWrittenBytes + dram.ReadBytes;
        double nanoseconds = cycles / conditions.ClockHz * 1e9;
        ImmutableArray<double>.Builder counts = ImmutableArray.CreateBuilder<double>(Shared + work.Core.Length);
        counts.AddRange(dram.ReadBytes, dram.WrittenBytes, read, written, nanoseconds, nanoseconds);
        for (int i = 0; i < work.Core.Length; i++)
            counts.Add(work.Core[i] + OwnNanoseconds(i, nanoseconds));
        return new LayerResult(work.Cycles, cycles, dram.ReadBytes, dram.WrittenBytes, read, written, counts.MoveToImmutable());
    }
}

/// <summary>What an array does in a layer.</summary>
/// <param name="Cycles">Cycles if nothing holds it up.</param>
/// <param name="BufferReadBytes">Bytes that it takes from the buffer.</param>
/// <param name="BufferWrittenBytes">Bytes that it puts into the buffer.</param>
/// <param name="Core">Counts of the core's own actions, in order.</param>
internal readonly record struct ArrayWork(double Cycles, double BufferReadBytes, double BufferWrittenBytes, ImmutableArray<double> Core);

/// <summary>Whole quotients.</summary>
internal static class Whole
{
    /// <summary>a / b, rounded up.</summary>
    public static long Ceil(long a, long b) => (a + b - 1) / b;

    /// <summary>The near-square array of at most a number of elements that uses most of them, wider than high.</summary>
    public static (int Rows, int Columns) Array(int elements)
    {
        int root = (int)Math.Sqrt(elements), best = root;
        for (int rows = root; rows >= root * 3 / 4 && rows > 0; rows--)
        {
            if (rows * (elements / rows) > best * (elements / best))
                best = rows;
        }

        return (best, elements / best);
    }
}

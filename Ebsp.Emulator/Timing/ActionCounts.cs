using System.Collections.Immutable;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Timing;

/// <summary>What the machine did, for cost tables: actions, not joules. Formulas: docs/timing.md.</summary>
/// <param name="Units">Instructions and memory traffic of each unit, by <see cref="Unit"/>.</param>
/// <param name="Macs">Multiply-accumulates, taps on padding included: P*K*R*S*C.</param>
/// <param name="LutProducts">Products from the table: one a MAC.</param>
/// <param name="VectorElements">Elements of VECTOR.</param>
/// <param name="LutElements">Elements of LUT.</param>
/// <param name="PoolElements">Elements of POOL times the taps of their windows.</param>
/// <param name="HostElements">Elements of HOST.</param>
/// <param name="SteeredActivations">Activations that enter the array's rows: with several pixels side by side those of a patch once for
/// all.</param>
/// <param name="PlacedWeights">Weights written into PEs: with several pixels side by side each once a pixel of the block.</param>
/// <param name="GatedSteps">Steps of PEs without a product, all PEs counted: no weight, or a pixel outside the tile.</param>
/// <param name="Dram">DRAM traffic of each region in DRAM, by <see cref="Region"/> (weights, tables, input, output, arena).</param>
public sealed record ActionCounts(
    ImmutableArray<UnitActions> Units, long Macs, long LutProducts, long VectorElements, long LutElements, long PoolElements,
        long HostElements, long SteeredActivations, long PlacedWeights, long GatedSteps,
    ImmutableArray<DramBytes> Dram)
{
    /// <summary>The actions of a unit.</summary>
    public UnitActions this[Unit unit] => Units[(int)unit];

    /// <summary>Traffic of all regions.</summary>
    public DramBytes DramTotal => Dram.Aggregate((a, b) => a + b);

    /// <summary>The actions of two parts of a program.</summary>
    /// <exception cref="OverflowException">A count leaves 63 bits.</exception>
    public static ActionCounts operator +(ActionCounts a, ActionCounts b) => checked(new(
        [.. a.Units.Zip(b.Units, (x, y) => x + y)], a.Macs + b.Macs, a.LutProducts + b.LutProducts, a.VectorElements + b.VectorElements,
        a.LutElements + b.LutElements, a.PoolElements + b.PoolElements, a.HostElements + b.HostElements,
        a.SteeredActivations + b.SteeredActivations, a.PlacedWeights + b.PlacedWeights, a.GatedSteps + b.GatedSteps,
            [.. a.Dram.Zip(b.Dram, (x, y) => x + y)]));
}

/// <summary>Instructions and on-chip traffic of one unit.</summary>
/// <param name="Instructions">Instructions that were started.</param>
/// <param name="BufferBytesRead">Bytes read from the buffer.</param>
/// <param name="BufferBytesWritten">Bytes written to the buffer.</param>
/// <param name="PsumBytesRead">Bytes read from psum memory.</param>
/// <param name="PsumBytesWritten">Bytes written to psum memory.</param>
public readonly record struct UnitActions(
    long Instructions, long BufferBytesRead, long BufferBytesWritten, long PsumBytesRead, long PsumBytesWritten)
{
    /// <summary>The sum of both.</summary>
    /// <exception cref="OverflowException">A count leaves 63 bits.</exception>
    public static UnitActions operator +(UnitActions a, UnitActions b) => checked(new(
        a.Instructions + b.Instructions, a.BufferBytesRead + b.BufferBytesRead, a.BufferBytesWritten + b.BufferBytesWritten,
        a.PsumBytesRead + b.PsumBytesRead, a.PsumBytesWritten + b.PsumBytesWritten));
}

/// <summary>Traffic of one region in DRAM.</summary>
/// <param name="Read">Payload bytes read.</param>
/// <param name="BurstRead">Bytes read in whole bursts.</param>
/// <param name="Written">Payload bytes written.</param>
/// <param name="BurstWritten">Bytes written in whole bursts.</param>
public readonly record struct DramBytes(long Read, long BurstRead, long Written, long BurstWritten)
{
    /// <summary>The sum of both.</summary>
    /// <exception cref="OverflowException">A count leaves 63 bits.</exception>
    public static DramBytes operator +(DramBytes a, DramBytes b) =>
        checked(new(a.Read + b.Read, a.BurstRead + b.BurstRead, a.Written + b.Written, a.BurstWritten + b.BurstWritten));
}

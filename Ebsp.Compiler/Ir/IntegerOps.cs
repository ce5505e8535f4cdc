using System.Collections.Immutable;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Ir;

/// <summary>
/// Convolution of integers into int32 accumulators, two's complement, starting at the bias. A fully connected layer is one whose
/// kernel is the whole map; a depthwise layer one with G = C.
/// </summary>
/// <param name="OutputChannels">K.</param>
/// <param name="Geometry">Kernel, strides, pads, dilations.</param>
/// <param name="Groups">G; C and K are multiples of it.</param>
/// <param name="WeightFormat">Format of the weights, signed, at most 8 bits.</param>
/// <param name="Weights">[K, C/G, R, S], C order; values of <paramref name="WeightFormat"/>.</param>
/// <param name="Bias">[K], |bias| &lt;= 2^30, in units of the accumulator.</param>
public sealed record IntegerConv(
    int OutputChannels, KernelWindow Geometry, int Groups,
    PatternFormat WeightFormat, ImmutableArray<sbyte> Weights, ImmutableArray<int> Bias) : Op;

/// <summary>Which pattern term of the clamped result a requantization writes (design: a tensor may be the sum of two terms).</summary>
public enum Term
{
    /// <summary>The value itself, projected if the format is on the pattern.</summary>
    Whole = 0,

    /// <summary>The largest pattern value of at most its magnitude.</summary>
    First = 1,

    /// <summary>The projection of what the first term leaves.</summary>
    Second = 2,
}

/// <summary>
/// r = (a * m[c] + b * mb + d[c] + 2^(n-1)) >> n in int64, clamped to [Lo, Hi], then projected onto Format.
/// Inputs: a, and b where the node has a second input (a plain tensor of at most 16 bits).
/// </summary>
/// <param name="Multipliers">m: [C], or one for all channels, or, after a <see cref="SumPool"/> whose windows differ, one for each count of
/// valid elements from 1 to R*S (<paramref name="ByValidCount"/>).</param>
/// <param name="ByValidCount">Whether m is chosen by the number of valid elements under the pool's window.</param>
/// <param name="SecondMultiplier">mb.</param>
/// <param name="Offsets">d: [C], or empty for zeros.</param>
/// <param name="Shift">n, 1..62.</param>
/// <param name="Lo">Lower clamp bound.</param>
/// <param name="Hi">Upper clamp bound.</param>
/// <param name="Format">Output format.</param>
/// <param name="Term">Which term is written.</param>
public sealed record Requantize(
    ImmutableArray<int> Multipliers, bool ByValidCount, int SecondMultiplier, ImmutableArray<long> Offsets,
    int Shift, int Lo, int Hi, PatternFormat Format, Term Term = Term.Whole) : Op;

/// <summary>
/// r = (a * b * m[c] + 2^(n-1)) >> n of two tensors, clamped to [Lo, Hi], then projected onto Format. The second may be C x 1 x 1: the same
/// at every pixel.
/// </summary>
/// <param name="Multipliers">m: [C] or one for all, 0 &lt;= m &lt; 2^31.</param>
/// <param name="Shift">n, 1..62.</param>
/// <param name="Lo">Lower clamp bound.</param>
/// <param name="Hi">Upper clamp bound.</param>
/// <param name="Format">Output format.</param>
/// <param name="Term">Which term is written.</param>
public sealed record TensorProduct(
    ImmutableArray<int> Multipliers, int Shift, int Lo, int Hi, PatternFormat Format, Term Term = Term.Whole) : Op;

/// <summary>Sum over a window into int32; a <see cref="Requantize"/> makes it an average.</summary>
/// <param name="Geometry">Window, strides, pads.</param>
/// <param name="CeilMode">Whether a last, partly empty window counts.</param>
public sealed record SumPool(KernelWindow Geometry, bool CeilMode) : Op;

/// <summary>A table over slot codes: any function of one 8-bit value.</summary>
/// <param name="Format">Output format, at most 8 bits.</param>
/// <param name="Table">256 slot codes of <paramref name="Format"/>, indexed by the slot code of the input.</param>
public sealed record LookUp(PatternFormat Format, ImmutableArray<byte> Table) : Op;

/// <summary>
/// Local response normalization on the host: r = (q * m + 2^(n-1)) >> n, clamped to [Lo, Hi], then projected onto Format, with m the factor
/// of the sum of squares around q (<see cref="Isa.Numerics.LocalResponse"/>). Its input has at most 16 bits.
/// </summary>
/// <param name="Size">Channels of the window, 1..255.</param>
/// <param name="Factors">Table of factors, 0..2^31-1; its length follows from Size and the input's format.</param>
/// <param name="Shift">n, 1..62.</param>
/// <param name="Lo">Lower clamp bound.</param>
/// <param name="Hi">Upper clamp bound.</param>
/// <param name="Format">Output format.</param>
public sealed record ResponseNorm(int Size, ImmutableArray<int> Factors, int Shift, int Lo, int Hi, PatternFormat Format) : Op;

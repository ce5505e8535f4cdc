using System.Collections.Immutable;
using Ebsp.Compiler.Import.ConstantFolding;

namespace Ebsp.Compiler.Import;

/// <summary>A constant of a model as the importer of a node sees it: floats or integers.</summary>
internal sealed class OnnxConstant(HostTensor tensor)
{
    private float[]? _floats;

    public OnnxConstant(int[] dims, float[] floats)
        : this(HostTensor.Of(dims, floats))
    {
    }

    public OnnxConstant(int[] dims, long[] integers)
        : this(HostTensor.Of(dims, integers))
    {
    }

    /// <summary>The tensor.</summary>
    public HostTensor Tensor => tensor;

    /// <summary>Dimensions; none for a scalar.</summary>
    public int[] Dims => tensor.Dims;

    /// <summary>Values in C order as float32, or null if they are integers.</summary>
    public float[]? Floats => _floats ??= tensor.Floats;

    /// <summary>Values in C order, or null if they are floats.</summary>
    public long[]? Integers => tensor.Integers;

    /// <summary>The grid of floats that were dequantized, or null.</summary>
    public OnnxGrid? Grid { get; init; }

    /// <summary>Steps of the grid if there is one step, or one for each index of the axis given; else none.</summary>
    public ImmutableArray<float> StepsAlong(int axis) => Grid is { } grid && (grid.Steps.Length == 1 || grid.Axis == axis)
        ? [.. grid.Steps]
        : [];

    /// <summary>Number of values.</summary>
    public int Count => tensor.Count;

    /// <summary>Dimensions as text, <c>[16,3,3,3]</c>.</summary>
    public string DimsText => tensor.DimsText;
}

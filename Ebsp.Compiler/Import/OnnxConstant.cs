using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>The grid on which the values of a constant lie: it was dequantised from 8-bit integers.</summary>
/// <param name="Steps">One step for all values, or one for each index of the axis.</param>
/// <param name="Axis">The axis of the steps.</param>
internal sealed record OnnxGrid(float[] Steps, int Axis);

/// <summary>A constant tensor: float32 values or integers.</summary>
internal sealed class OnnxConstant
{
    /// <summary>Most dimensions.</summary>
    public const int MaxRank = 8;

    public OnnxConstant(int[] dims, float[] floats)
    {
        Dims = dims;
        Floats = floats;
    }

    public OnnxConstant(int[] dims, long[] integers)
    {
        Dims = dims;
        Integers = integers;
    }

    /// <summary>Dimensions; none for a scalar.</summary>
    public int[] Dims { get; }

    /// <summary>Values in C order, or null if they are integers.</summary>
    public float[]? Floats { get; }

    /// <summary>Values in C order, or null if they are floats.</summary>
    public long[]? Integers { get; }

    /// <summary>Element type in the file (TensorProto.DataType), or 0 where it is not known.</summary>
    public int ElementType { get; init; }

    /// <summary>The grid of floats that were dequantised, or null.</summary>
    public OnnxGrid? Grid { get; init; }

    /// <summary>Steps of the grid if there is one step, or one for each index of the axis given; else none.</summary>
    public ImmutableArray<float> StepsAlong(int axis) => Grid is { } grid && (grid.Steps.Length == 1 || grid.Axis == axis) ? [.. grid.Steps] : [];

    /// <summary>Number of values.</summary>
    public int Count => Floats?.Length ?? Integers!.Length;

    /// <summary>The same values under other dimensions of the same product.</summary>
    public OnnxConstant WithDims(int[] dims) => Floats is null
        ? new OnnxConstant(dims, Integers!) { ElementType = ElementType }
        : new OnnxConstant(dims, Floats) { Grid = Grid?.Steps.Length == 1 ? Grid : null };

    /// <summary>Dimensions as text, <c>[16,3,3,3]</c>.</summary>
    public string DimsText => $"[{string.Join(',', Dims.Select(d => d.ToString(CultureInfo.InvariantCulture)))}]";

    /// <summary>Reads a tensor of the file.</summary>
    /// <exception cref="EbspException">EBSP1007, EBSP1008: its parts contradict each other, or its values are elsewhere.</exception>
    /// <exception cref="NotMappedException">It has an element type that is not read.</exception>
    public static OnnxConstant Read(TensorProto tensor, string? file)
    {
        if (tensor.DataLocation != 0 || tensor.ExternalData.Count != 0)
            throw DiagnosticDescriptors.ExternalData.Error(file, tensor.Name);
        if (tensor.Dims.Count > MaxRank)
            throw Invalid($"a tensor of rank {tensor.Dims.Count}");
        Int128 count = 1;
        foreach (long dim in tensor.Dims)
        {
            if (dim is < 0 or > int.MaxValue)
                throw Invalid($"a tensor dimension of {dim}");
            count *= dim;
        }

        int lists = (tensor.RawData.Length > 0 ? 1 : 0) + (tensor.FloatData.Count > 0 ? 1 : 0) + (tensor.Int32Data.Count > 0 ? 1 : 0)
            + (tensor.Int64Data.Count > 0 ? 1 : 0) + (tensor.DoubleData.Count > 0 ? 1 : 0) + (tensor.Uint64Data.Count > 0 ? 1 : 0)
            + (tensor.StringData.Count > 0 ? 1 : 0);
        if (lists > 1)
            throw Invalid($"a tensor with values in {lists} places");
        if (lists == 0 && count == 0 && tensor.Dims.Count > 1)
            throw new NotMappedException($"the constant '{tensor.Name}' is empty");
        int[] dims = [.. tensor.Dims.Select(d => (int)d)];
        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        bool isRaw = raw.Length > 0;
        switch (tensor.DataType)
        {
            case 1:
                return new OnnxConstant(dims, isRaw ? Raw(raw, 4, BinaryPrimitives.ReadSingleLittleEndian) : Listed(tensor.FloatData, x => x));
            case 10:
                return new OnnxConstant(dims, isRaw
                    ? Raw(raw, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b))
                    : Listed(tensor.Int32Data, x => (float)BitConverter.UInt16BitsToHalf((ushort)x)));
            case 11:
                return new OnnxConstant(dims, isRaw ? Raw(raw, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)) : Listed(tensor.DoubleData, x => (float)x));
            case 6:
                return new OnnxConstant(dims, isRaw ? Raw(raw, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)) : Listed(tensor.Int32Data, x => (long)x)) { ElementType = tensor.DataType };
            case 7:
                return new OnnxConstant(dims, isRaw ? Raw(raw, 8, BinaryPrimitives.ReadInt64LittleEndian) : Listed(tensor.Int64Data, x => x)) { ElementType = tensor.DataType };
            case 2 or 9:
                return new OnnxConstant(dims, isRaw ? Raw(raw, 1, b => (long)b[0]) : Listed(tensor.Int32Data, x => (long)x)) { ElementType = tensor.DataType };
            case 3:
                return new OnnxConstant(dims, isRaw ? Raw(raw, 1, b => (long)(sbyte)b[0]) : Listed(tensor.Int32Data, x => (long)x)) { ElementType = tensor.DataType };
            default:
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"the constant '{tensor.Name}' has element type {tensor.DataType}"));
        }

        T[] Raw<T>(ReadOnlySpan<byte> bytes, int size, ReadValue<T> read)
        {
            if (bytes.Length != count * size)
                throw Invalid($"a tensor of {bytes.Length} bytes for {count} values");
            T[] values = new T[bytes.Length / size];
            for (int i = 0; i < values.Length; i++)
                values[i] = read(bytes[(i * size)..]);
            return values;
        }

        T[] Listed<TWire, T>(IList<TWire> list, Func<TWire, T> convert)
        {
            if (list.Count != count)
                throw Invalid($"a tensor of {list.Count} values where its dimensions ask for {count}");
            return [.. list.Select(convert)];
        }

        EbspException Invalid(FormattableString text) =>
            DiagnosticDescriptors.InvalidModel.Error(file, tensor.Name, FormattableString.Invariant(text));
    }

    private delegate T ReadValue<T>(ReadOnlySpan<byte> bytes);
}

using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Reads the tensors of a model file.</summary>
internal static class TensorReader
{
    /// <summary>Reads a tensor.</summary>
    /// <param name="tensor">The message.</param>
    /// <param name="file">File name for diagnostics.</param>
    /// <param name="external">Files beside the model; null refuses values that are elsewhere.</param>
    /// <exception cref="EbspException">EBSP1007, EBSP1008: its parts contradict each other, or its values are elsewhere and cannot be
    /// had.</exception>
    /// <exception cref="NotMappedException">It has an element type that is not read.</exception>
    public static HostTensor Read(TensorProto tensor, string? file, ExternalFiles? external = null)
    {
        int[] dims = Dims(tensor, file, out Int128 count);
        ElementType type = (ElementType)tensor.DataType;
        if (!Enum.IsDefined(type))
            throw new NotMappedException(
                string.Create(CultureInfo.InvariantCulture, $"the constant '{tensor.Name}' has element type {tensor.DataType}"));
        bool isExternal = tensor.DataLocation != 0 || tensor.ExternalData.Count != 0;
        ReadOnlySpan<byte> raw = isExternal
            ? (external ?? throw DiagnosticDescriptors.ExternalData.Error(file, tensor.Name,
                "a tensor of an attribute has its values in another file"))
                .Read(tensor, count * type.Size())
            : tensor.RawData.Span;
        int lists = (raw.Length > 0 ? 1 : 0) + (tensor.FloatData.Count > 0 ? 1 : 0) + (tensor.Int32Data.Count > 0 ? 1 : 0)
            + (tensor.Int64Data.Count > 0 ? 1 : 0) + (tensor.DoubleData.Count > 0 ? 1 : 0) + (tensor.Uint64Data.Count > 0 ? 1 : 0)
            + (tensor.StringData.Count > 0 ? 1 : 0);
        if (lists > 1)
            throw Invalid($"a tensor with values in {lists} places");
        bool isRaw = raw.Length > 0 || isExternal;
        return type switch
        {
            ElementType.Float32 => isRaw ? Raw<float>(raw) : Listed(tensor.FloatData, x => x),
            ElementType.Float16 => isRaw
                ? Raw<Half>(raw)
                : Listed(tensor.Int32Data, x => BitConverter.UInt16BitsToHalf(checked((ushort)x))),
            ElementType.Float64 => isRaw ? Raw<double>(raw) : Listed(tensor.DoubleData, x => x),
            ElementType.UInt8 or ElementType.Bool => isRaw ? Raw<byte>(raw) : Listed(tensor.Int32Data, x => checked((byte)x)),
            ElementType.Int8 => isRaw ? Raw<sbyte>(raw) : Listed(tensor.Int32Data, x => checked((sbyte)x)),
            ElementType.UInt16 => isRaw ? Raw<ushort>(raw) : Listed(tensor.Int32Data, x => checked((ushort)x)),
            ElementType.Int16 => isRaw ? Raw<short>(raw) : Listed(tensor.Int32Data, x => checked((short)x)),
            ElementType.UInt32 => isRaw ? Raw<uint>(raw) : Listed(tensor.Uint64Data, x => checked((uint)x)),
            ElementType.Int32 => isRaw ? Raw<int>(raw) : Listed(tensor.Int32Data, x => x),
            ElementType.UInt64 => isRaw ? Raw<ulong>(raw) : Listed(tensor.Uint64Data, x => x),
            _ => isRaw ? Raw<long>(raw) : Listed(tensor.Int64Data, x => x),
        };

        HostTensor Raw<T>(ReadOnlySpan<byte> bytes)
            where T : unmanaged, INumber<T>
        {
            int size = type.Size();
            if (bytes.Length != count * size)
                throw Invalid($"a tensor of {bytes.Length} bytes for {count} values");
            byte[]? turned = BitConverter.IsLittleEndian ? null : bytes.ToArray();
            for (int i = 0; turned is not null && i < turned.Length; i += size)
                turned.AsSpan(i, size).Reverse();
            return new HostTensor<T>(type, dims, MemoryMarshal.Cast<byte, T>(turned ?? bytes).ToArray());
        }

        HostTensor Listed<TWire, T>(IList<TWire> list, Func<TWire, T> convert)
            where T : unmanaged, INumber<T>
        {
            if (list.Count != count)
                throw Invalid($"a tensor of {list.Count} values where its dimensions ask for {count}");
            try
            {
                return new HostTensor<T>(type, dims, [.. list.Select(convert)]);
            }
            catch (OverflowException)
            {
                throw Invalid($"a tensor with a value beyond its type, {type.Name()}");
            }
        }

        EbspException Invalid(FormattableString text) =>
            DiagnosticDescriptors.InvalidModel.Error(file, tensor.Name, FormattableString.Invariant(text));
    }

    private static int[] Dims(TensorProto tensor, string? file, out Int128 count)
    {
        if (tensor.Dims.Count > HostTensor.MaxRank)
            throw Invalid($"a tensor of rank {tensor.Dims.Count}");
        count = 1;
        foreach (long dim in tensor.Dims)
        {
            if (dim is < 0 or > int.MaxValue)
                throw Invalid($"a tensor dimension of {dim}");
            // Eight factors of 31 bits would not fit.
            count = Int128.Min(count * dim, long.MaxValue);
        }

        return [.. tensor.Dims.Select(dim => (int)dim)];

        EbspException Invalid(FormattableString text) =>
            DiagnosticDescriptors.InvalidModel.Error(file, tensor.Name, FormattableString.Invariant(text));
    }
}

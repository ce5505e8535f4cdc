namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Element types of ONNX tensors that are read, by their codes in TensorProto.DataType.</summary>
internal enum ElementType
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    UInt32 = 12,
    UInt64 = 13,
}

/// <summary>What the code asks of element types.</summary>
internal static class ElementTypes
{
    public static readonly ElementType[] Floats = [ElementType.Float16, ElementType.Float32, ElementType.Float64];

    public static readonly ElementType[] Integers =
    [
        ElementType.Int8, ElementType.Int16, ElementType.Int32, ElementType.Int64, ElementType.UInt8, ElementType.UInt16,
            ElementType.UInt32, ElementType.UInt64,
    ];

    public static readonly ElementType[] Bytes = [ElementType.Int8, ElementType.UInt8];

    public static readonly ElementType[] Numbers = [.. Floats, .. Integers];

    public static readonly ElementType[] All = [.. Numbers, ElementType.Bool];

    public static bool IsFloat(this ElementType type) => Floats.Contains(type);

    /// <summary>Bytes of an element.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 => 2,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 4,
        _ => 8,
    };

    /// <summary>As people write it: float32, uint8.</summary>
    public static string Name(this ElementType type) => type.ToString().ToLowerInvariant();

    /// <summary>Smallest and largest value of an integer type of at most 32 bits.</summary>
    public static (double Least, double Most) Range(this ElementType type) => type switch
    {
        ElementType.UInt8 => (byte.MinValue, byte.MaxValue),
        ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ElementType.UInt16 => (ushort.MinValue, ushort.MaxValue),
        ElementType.Int16 => (short.MinValue, short.MaxValue),
        ElementType.Int32 => (int.MinValue, int.MaxValue),
        _ => throw new NotMappedException($"a quantized tensor of type {type.Name()}"),
    };
}

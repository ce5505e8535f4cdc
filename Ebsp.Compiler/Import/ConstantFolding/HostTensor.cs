using System.Globalization;
using System.Numerics;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Arithmetic of two tensors, element by element, in their own type: integers wrap, integer division truncates.</summary>
internal enum Arithmetic2
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Minimum,
    Maximum,
}

/// <summary>A tensor of any rank and type within the compiler's memory: constants of a model, and what the evaluator makes of
/// them.</summary>
internal abstract class HostTensor(ElementType type, int[] dims)
{
    /// <summary>Most dimensions.</summary>
    public const int MaxRank = 8;

    /// <summary>Stands for the batch size N among the integers of a shape; only moves may touch it.</summary>
    public const long Batch = -0x4E_4E4E_4E4E_4E4E;

    /// <summary>Element type.</summary>
    public ElementType Type => type;

    /// <summary>Dimensions; none for a scalar. Not to be written to. Their product, an empty axis taken for 1, is an int.</summary>
    public int[] Dims { get; } = Bounded(dims);

    /// <summary>Number of dimensions.</summary>
    public int Rank => Dims.Length;

    /// <summary>Number of elements.</summary>
    public abstract int Count { get; }

    /// <summary>Dimensions as text, <c>[16,3,3,3]</c>.</summary>
    public string DimsText => Text(Dims);

    /// <summary>Values of a float tensor in C order, rounded to float32, or null for integers. Not to be written to.</summary>
    public float[]? Floats => !type.IsFloat()
        ? null
        : this is HostTensor<float> same ? same.Values : [.. ToDoubles().Select(x => (float)x)];

    /// <summary>Values of an integer tensor in C order, or null for floats. Not to be written to.</summary>
    public abstract long[]? Integers { get; }

    /// <summary>Whether the batch size is among the values.</summary>
    public bool HoldsBatch => this is HostTensor<long> { Count: <= MaxRank } shape && shape.Values.Contains(Batch);

    /// <summary>A float32 tensor.</summary>
    public static HostTensor Of(int[] dims, float[] values) => new HostTensor<float>(ElementType.Float32, dims, values);

    /// <summary>An int64 tensor.</summary>
    public static HostTensor Of(int[] dims, long[] values) => new HostTensor<long>(ElementType.Int64, dims, values);

    /// <summary>A tensor of any type; integers are truncated and wrap.</summary>
    public static HostTensor FromDoubles(ElementType type, int[] dims, double[] values) => type switch
    {
        ElementType.Float32 => HostTensor<float>.From(type, dims, values),
        ElementType.Float16 => HostTensor<Half>.From(type, dims, values),
        ElementType.Float64 => HostTensor<double>.From(type, dims, values),
        ElementType.UInt8 or ElementType.Bool => HostTensor<byte>.From(type, dims, values),
        ElementType.Int8 => HostTensor<sbyte>.From(type, dims, values),
        ElementType.UInt16 => HostTensor<ushort>.From(type, dims, values),
        ElementType.Int16 => HostTensor<short>.From(type, dims, values),
        ElementType.UInt32 => HostTensor<uint>.From(type, dims, values),
        ElementType.Int32 => HostTensor<int>.From(type, dims, values),
        ElementType.UInt64 => HostTensor<ulong>.From(type, dims, values),
        _ => HostTensor<long>.From(type, dims, values),
    };

    /// <summary>Dimensions as text.</summary>
    public static string Text(int[] dims) => $"[{string.Join(',', dims.Select(d => d.ToString(CultureInfo.InvariantCulture)))}]";

    /// <summary>The dimensions, if they may be those of a tensor.</summary>
    /// <exception cref="NotMappedException">Their product is too large.</exception>
    public static int[] Bounded(int[] dims)
    {
        long product = 1;
        foreach (int dim in dims)
            product = Math.Min(product * Math.Max(dim, 1), 1L << 32);
        return product <= int.MaxValue ? dims : throw new NotMappedException($"a tensor of shape {Text(dims)}");
    }

    /// <summary>The same values under other dimensions of the same product.</summary>
    public abstract HostTensor With(int[] dims);

    /// <summary>All values as double. Not to be written to.</summary>
    public abstract double[] ToDoubles();

    /// <summary>The first value again and again.</summary>
    public abstract HostTensor Repeat(int[] dims, int count);

    /// <summary>Elements chosen by their places; -1 takes the first value of the filling, or zero.</summary>
    public abstract HostTensor Pick(int[] dims, int[] places, HostTensor? filling = null);

    /// <summary>The values of this and others of its type one after the other.</summary>
    public abstract HostTensor Chain(IReadOnlyList<HostTensor> others);

    /// <summary>Arithmetic with another tensor of its type; the places say which elements meet.</summary>
    public abstract HostTensor Combine(Arithmetic2 operation, HostTensor other, int[] dims, int[] places, int[] otherPlaces);
}

/// <summary>A tensor of one type; bool lies in bytes.</summary>
internal sealed class HostTensor<T>(ElementType type, int[] dims, T[] values) : HostTensor(type, dims)
    where T : unmanaged, INumber<T>
{
    /// <summary>Values in C order.</summary>
    public T[] Values => values;

    public override int Count => values.Length;

    public override long[]? Integers => Type.IsFloat()
        ? null
        : this is HostTensor<long> same ? same.Values : [.. values.Select(long.CreateTruncating)];

    public static HostTensor<T> From(ElementType type, int[] dims, double[] values)
    {
        T[] converted = new T[values.Length];
        bool isFloat = type.IsFloat();
        for (int i = 0; i < converted.Length; i++)
            converted[i] = isFloat ? T.CreateTruncating(values[i]) : T.CreateTruncating((long)values[i]);
        return new HostTensor<T>(type, dims, converted);
    }

    public override HostTensor With(int[] dims) => new HostTensor<T>(Type, dims, values);

    public override double[] ToDoubles() => this is HostTensor<double> same
        ? same.Values
        : Array.ConvertAll(values, double.CreateTruncating);

    public override HostTensor Repeat(int[] dims, int count)
    {
        T[] result = new T[count];
        Array.Fill(result, values[0]);
        return new HostTensor<T>(Type, dims, result);
    }

    public override HostTensor Pick(int[] dims, int[] places, HostTensor? filling = null)
    {
        T outside = filling is null ? T.Zero : ((HostTensor<T>)filling).Values[0];
        return new HostTensor<T>(Type, dims, Array.ConvertAll(places, place => place < 0 ? outside : values[place]));
    }

    public override HostTensor Chain(IReadOnlyList<HostTensor> others)
    {
        T[] all = [.. values, .. others.SelectMany(other => ((HostTensor<T>)other).Values)];
        return new HostTensor<T>(Type, [all.Length], all);
    }

    public override HostTensor Combine(Arithmetic2 operation, HostTensor other, int[] dims, int[] places, int[] otherPlaces)
    {
        Func<T, T, T> function = operation switch
        {
            Arithmetic2.Add => static (x, y) => x + y,
            Arithmetic2.Subtract => static (x, y) => x - y,
            Arithmetic2.Multiply => static (x, y) => x * y,
            Arithmetic2.Divide => static (x, y) => x / y,
            Arithmetic2.Minimum => T.Min,
            _ => T.Max,
        };
        T[] right = ((HostTensor<T>)other).Values, result = new T[places.Length];
        try
        {
            for (int i = 0; i < result.Length; i++)
                result[i] = function(values[places[i]], right[otherPlaces[i]]);
        }
        catch (ArithmeticException)
        {
            throw new NotMappedException("an integer division that has no result");
        }

        return new HostTensor<T>(Type, dims, result);
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Data;

/// <summary>NumPy's <c>.npy</c> files, version 1: uint8, int32 and float32, little-endian, C order.</summary>
public static partial class NpyFile
{
    private const int MaxRank = 32;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    // The keys in the order in which NumPy writes them (sorted).
    [GeneratedRegex(@"^\{'descr': '([^']{1,16})', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\),? *\} *\n$")]
    private static partial Regex Header();

    /// <summary>Reads an array.</summary>
    /// <param name="path">The file.</param>
    /// <param name="count">Largest extent of the first dimension; the rest is not read. Null reads all.</param>
    /// <exception cref="EbspException">The file cannot be read, is malformed, of another version, element type or order, or above 1
    /// GiB.</exception>
    public static NpyArray Read(string path, int? count = null) => DataReader.Guard(path, () =>
    {
        using DataSource source = DataSource.Open(path);
        (string type, int[] shape, int headerBytes) = ReadHeader(source);
        int elementBytes = type is "|u1" ? 1 : 4;
        Int128 all = Bytes(shape, elementBytes, path);
        if (headerBytes + all != source.MaxLength)
            throw headerBytes + all > source.MaxLength
                ? DataDiagnostics.CutOff(path, null,
                    string.Create(CultureInfo.InvariantCulture, $"The file is too short for the shape ({string.Join(", ", shape)})."))
                : DataDiagnostics.Error(DataDiagnostics.TrailingData, path, null, "Bytes follow the array.",
                    "Get the file again: its header and its data disagree.");
        if (count < 0)
            throw DataDiagnostics.Error(DataDiagnostics.BadOption, path, null, "The count is below 0.", "Give 0 or more.");
        if (shape.Length > 0)
            shape[0] = Math.Min(shape[0], count ?? int.MaxValue);
        Int128 bytes = Bytes(shape, elementBytes, path);
        if (bytes > DataSource.MaxSetBytes)
            throw DataDiagnostics.OverLimit(path);
        int elements = (int)bytes / elementBytes;
        Array data = type switch { "|u1" => new byte[elements], "<i4" => new int[elements], _ => new float[elements] };
        source.ReadExactly(AsBytes(data), "the array");
        if (!BitConverter.IsLittleEndian && elementBytes == 4)
            AsBytes(data).Reverse4();
        return new NpyArray(shape, data);
    });

    /// <summary>Writes an array; the bytes depend on nothing but shape and elements.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="array">Shape and elements.</param>
    /// <exception cref="ArgumentException">The shape does not fit the elements, or their type is not byte, int or float.</exception>
    public static void Write(Stream stream, NpyArray array)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(array);
        string type = array.Data switch
        {
            byte[] => "|u1",
            int[] => "<i4",
            float[] => "<f4",
            _ => throw new ArgumentException("Elements are byte, int or float.", nameof(array)),
        };
        long elements = 1;
        foreach (int size in array.Shape)
            elements = checked(elements * size);
        if (elements != array.Data.Length)
            throw new ArgumentException("The shape does not fit the elements.", nameof(array));
        string sizes = string.Join(", ", array.Shape.Select(s => s.ToString(CultureInfo.InvariantCulture)))
            + (array.Shape.Length == 1 ? "," : "");
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}), }}";
        // NumPy pads with spaces so that the elements start at a multiple of 64.
        header += new string(' ', 63 - (Magic.Length + 2 + header.Length) % 64) + "\n";
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)header.Length));
        stream.Write(Magic);
        stream.Write(length);
        stream.Write(Encoding.ASCII.GetBytes(header));
        if (BitConverter.IsLittleEndian || type == "|u1")
        {
            stream.Write(AsBytes(array.Data));
            return;
        }
        byte[] swapped = AsBytes(array.Data).ToArray();
        swapped.AsSpan().Reverse4();
        stream.Write(swapped);
    }

    /// <summary>Writes an array to a file, which is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <param name="array">Shape and elements.</param>
    /// <exception cref="EbspException">The file cannot be written.</exception>
    public static void Write(string path, NpyArray array)
    {
        // In memory first: nothing is left half written where the array is at fault.
        using var memory = new MemoryStream();
        Write(memory, array);
        DataReader.Guard(path, () =>
        {
            File.WriteAllBytes(path, memory.ToArray());
            return true;
        });
    }

    internal static ImageSet ReadImages(string path, int count, DataOptions options)
    {
        NpyArray array = Read(path, count);
        if (array.Shape.Length is < 2 or > 4 || array.Shape.Contains(0) || array.Data is int[])
            throw DataDiagnostics.Error(DataDiagnostics.BadHeader, path, null,
                string.Create(CultureInfo.InvariantCulture,
                    $"The array has the shape ({string.Join(", ", array.Shape)}) and elements of " +
                    $"{array.Data.GetType().GetElementType()!.Name}."),
                "Images are N x C x H x W, N x H x W x C, N x C x W or N x F, uint8 (raw pixels) or float32 (preprocessed), none of " +
                    "them 0.");
        int[] dims = array.Shape[1..];
        Shape shape = dims.Length switch
        {
            1 => new Shape(dims[0], 1, 1),
            2 => new Shape(dims[0], 1, dims[1]),
            _ => new Shape(dims[0], dims[1], dims[2]),
        };
        Array data = array.Data;
        if (options.Input is { } input && Follows(dims, input, options.ChannelsLast) is { } isTurned)
        {
            shape = input;
            if (isTurned)
                data = data is byte[] pixels ? Turned(pixels, input) : Turned((float[])data, input);
        }

        return new ImageSet(Path.GetFileName(path), shape.Channels, shape.Height, shape.Width, array.Shape[0], data as byte[] ?? [], null)
        {
            Values = data as float[],
        };
    }

    /// <summary>Whether arrays of these sizes are the images of an input, and if so, whether their channels are last; null where they are
    /// not.</summary>
    private static bool? Follows(int[] dims, Shape input, bool channelsLast)
    {
        int[] first = Sizes(input.Channels, input.Height, input.Width), last = Sizes(input.Height, input.Width, input.Channels);
        int[] own = Sizes(dims);
        bool isOne = dims.Length == 1 && dims[0] == input.Elements;
        // A vector, or axes of one size, have the order of the network itself.
        return own.SequenceEqual(first) && own.SequenceEqual(last) || isOne && !own.SequenceEqual(first) ? channelsLast
            : own.SequenceEqual(first) ? false : own.SequenceEqual(last) ? true : null;

        static int[] Sizes(params ReadOnlySpan<int> all) => [.. all.ToArray().Where(size => size > 1)];
    }

    // From N x H x W x C to N x C x H x W.
    private static T[] Turned<T>(T[] values, Shape shape)
    {
        int plane = shape.Height * shape.Width, channels = shape.Channels;
        T[] planes = new T[values.Length];
        for (int i = 0; i < planes.Length; i++)
        {
            int at = i % (plane * channels);
            planes[i - at + at % channels * plane + at / channels] = values[i];
        }

        return planes;
    }

    private static (string Type, int[] Shape, int HeaderBytes) ReadHeader(DataSource source)
    {
        Span<byte> start = stackalloc byte[10];
        source.ReadExactly(start, "the header");
        if (!start[..8].SequenceEqual(Magic))
            throw Bad("The file does not start as version 1 of .npy.");
        byte[] header = new byte[BinaryPrimitives.ReadUInt16LittleEndian(start[8..])];
        source.ReadExactly(header, "the header");
        Match match = Header().Match(Encoding.Latin1.GetString(header));
        if (!match.Success)
            throw Bad("The header is not a dictionary of descr, fortran_order and shape.");
        string type = match.Groups[1].Value;
        if (type is not ("|u1" or "<i4" or "<f4"))
            throw Bad("Elements are neither uint8 nor float32 (little-endian).");
        if (match.Groups[2].Value == "True")
            throw Bad("The array is in Fortran order.");
        string[] sizes = match.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int[] shape = new int[sizes.Length];
        for (int i = 0; i < shape.Length; i++)
            if (sizes.Length > MaxRank || !int.TryParse(sizes[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]))
                throw Bad("The shape is no list of at most 32 sizes below 2^31.");
        return (type, shape, start.Length + header.Length);

        EbspException Bad(string cause) => DataDiagnostics.Error(DataDiagnostics.BadHeader, source.Path, null, cause,
            "Save it with numpy.save as numpy.ascontiguousarray(x), dtype uint8 or float32.");
    }

    private static Int128 Bytes(int[] shape, int elementBytes, string path)
    {
        Int128 bytes = elementBytes;
        foreach (int size in shape)
        {
            bytes *= size;
            // 32 sizes may pass 2^127; a product that is past any file is enough.
            if (bytes > long.MaxValue)
                throw DataDiagnostics.CutOff(path, null, "The file is too short for its shape.");
        }
        return bytes;
    }

    private static Span<byte> AsBytes(Array data) => data switch
    {
        byte[] bytes => bytes,
        int[] ints => MemoryMarshal.AsBytes(ints.AsSpan()),
        _ => MemoryMarshal.AsBytes(((float[])data).AsSpan()),
    };

    private static void Reverse4(this Span<byte> bytes)
    {
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        BinaryPrimitives.ReverseEndianness(words, words);
    }
}

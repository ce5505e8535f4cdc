using System.Buffers.Binary;
using System.Text;

namespace Ebsp.Compiler.Files;

/// <summary>Recognizes files that people take for models, so that the refusal can name them.</summary>
internal static class FileKind
{
    /// <summary>What the file is, such as "a gzip archive", or null where it may be a protobuf message.</summary>
    public static string? NameForeign(ReadOnlySpan<byte> data)
    {
        if (data.Length == 0)
            return "an empty file";
        if (data.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return "a gzip archive";
        if (data.StartsWith("PK\x03\x04"u8))
            return "a zip archive (a PyTorch checkpoint is one)";
        if (data.Length >= 6 && data[0] == 0x93 && data[1..6].SequenceEqual("NUMPY"u8))
            return "a NumPy array";
        if (data.StartsWith("GGUF"u8))
            return "a GGUF file";
        if (data.StartsWith("version https://git-lfs"u8))
            return "a Git LFS pointer; the file itself was not fetched";
        if (data.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']))
            return "an HDF5 file (Keras writes them)";
        if (data.Length >= 8 && data[4..8].SequenceEqual("TFL3"u8))
            return "a TFLite model";
        if (data.Length >= 2 && data[0] == 0x80 && data[1] is >= 2 and <= 5)
            return "a Python pickle (an old PyTorch checkpoint is one)";
        if (data.Length >= 9 && data[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(data) is >= 2 and < 100_000_000)
            return "a safetensors file";
        if (IsTensorFlowGraph(data))
            return "a TensorFlow graph (GraphDef)";
        if (IsSavedModel(data))
            return "a TensorFlow SavedModel";
        if (data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || data.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return "a text file in UTF-16";
        return IsText(data[..Math.Min(data.Length, 512)], out string? head) ? Text(head!) : null;
    }

    // GraphDef: field 1 is a node, and the first field of that its name. No model read here begins with a field 1 of a length.
    private static bool IsTensorFlowGraph(ReadOnlySpan<byte> data) =>
        data.Length > 2 && data[0] == 0x0A && Length(data[1..], out int used) is long node and > 2 && node < data.Length
        && data[(1 + used)..] is [0x0A, > 0, ..] inner && inner.Length > 2 + inner[1] && IsText(inner.Slice(2, inner[1]), out _);

    // SavedModel: schema version 1, then a graph that is most of the file; ONNX has the short name of a producer there.
    private static bool IsSavedModel(ReadOnlySpan<byte> data) =>
        data is [0x08, 1, 0x12, ..] && Length(data[3..], out int used) is long graph && graph > (data.Length - 3 - used) / 2
            && data.Length > 4 + used
        && data[3 + used] is 0x0A or 0x12;

    // A length of the wire format, or -1.
    private static long Length(ReadOnlySpan<byte> data, out int used)
    {
        long value = 0;
        for (used = 0; used < data.Length && used < 5;)
        {
            byte next = data[used];
            value |= (long)(next & 0x7F) << 7 * used++;
            if (next < 0x80)
                return value;
        }

        return -1;
    }

    private static string Text(string head)
    {
        string start = head.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return start.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            ? "an HTML page"
            : start.StartsWith('{') ? "a JSON file" : "a text file";
    }

    // A message of the formats read here begins with a tag below 32 and soon holds another control byte.
    private static bool IsText(ReadOnlySpan<byte> data, out string? text)
    {
        text = null;
        foreach (byte b in data)
        {
            if (b is < 32 and not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
                return false;
        }

        text = Encoding.UTF8.GetString(data);
        return true;
    }
}

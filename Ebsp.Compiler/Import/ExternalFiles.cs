using System.Globalization;
using System.Security.Cryptography;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>
/// ONNX external data: values of tensors in files below the model's folder. Each file is read once and whole, so that what was checked and
/// hashed is what is used. Nothing outside of the folder can be named, and symbolic links are refused as onnx.checker does.
/// </summary>
/// <param name="model">Path of the model, or null where it has none.</param>
internal sealed class ExternalFiles(string? model)
{
    /// <summary>Most bytes of all files together.</summary>
    public const long MaxBytes = 2L << 30;

    private const int MaxLocation = 4096;

    private readonly Dictionary<string, byte[]> _contents = new(StringComparer.Ordinal);
    private readonly List<ExternalFile> _files = [];
    private long _bytes;
    private long _referenced;

    /// <summary>The files read so far.</summary>
    public IReadOnlyList<ExternalFile> Files => _files;

    /// <summary>The bytes of a tensor.</summary>
    /// <param name="tensor">A tensor with external data.</param>
    /// <param name="expected">Bytes that its dimensions ask for.</param>
    /// <exception cref="EbspException">EBSP1008: the place is not allowed, or the file is absent or too short. EBSP1004: too many
    /// bytes.</exception>
    public ReadOnlySpan<byte> Read(TensorProto tensor, Int128 expected)
    {
        if (tensor.DataLocation != 1)
            throw Refusal(tensor, string.Create(CultureInfo.InvariantCulture, $"a data location {tensor.DataLocation} is not known"));
        string? location = null;
        long offset = 0;
        Int128 length = expected;
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            if (!keys.Add(entry.Key))
                throw Refusal(tensor, $"the key '{Shown(entry.Key)}' is there twice");
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(tensor, entry);
                    break;
                case "length":
                    length = Number(tensor, entry);
                    break;
                case "checksum":
                    break;
                default:
                    throw Refusal(tensor, $"the key '{Shown(entry.Key)}' is not known");
            }
        }

        if (length != expected)
            throw Refusal(tensor,
                string.Create(CultureInfo.InvariantCulture, $"{length} bytes where the tensor's dimensions ask for {expected}"));
        byte[] content = Content(tensor, location ?? throw Refusal(tensor, "no location is given"));
        if (offset + length > content.Length)
            throw Refusal(tensor,
                string.Create(CultureInfo.InvariantCulture,
                $"bytes {offset} to {offset + length} are wanted of '{location}', which has {content.Length}"));
        // Tensors may share bytes, but a small model must not become any number of large ones.
        _referenced += (long)length;
        if (_referenced > 2 * _bytes + (64L << 20))
            throw DiagnosticDescriptors.ModelLimit.Error(model, tensor.Name, "tensors read their external data more than twice over");
        return content.AsSpan((int)offset, (int)length);
    }

    private byte[] Content(TensorProto tensor, string location)
    {
        if (_contents.TryGetValue(location, out byte[]? known))
            return known;
        string path = PathOf(tensor, location);
        try
        {
            FileInfo file = new(path);
            if (!file.Exists)
                throw Refusal(tensor, $"the file '{location}' is not beside the model");
            // Pipes and devices have no length either: they are never opened.
            if (file.Length == 0)
                throw Refusal(tensor, $"the file '{location}' is empty");
            if (file.Length > FileBytes.MaxBytes || _bytes + file.Length > MaxBytes)
                throw DiagnosticDescriptors.ModelLimit.Error(model, tensor.Name,
                    "a file of external data has more than 1 GiB, or all have more than 2 GiB");
            byte[] content = FileBytes.Read(path);
            _bytes += content.Length;
            _contents.Add(location, content);
            _files.Add(new ExternalFile(location, path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content))));
            return content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refusal(tensor, $"the file '{location}' cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>The path of a location: names below the model's folder, none of them a symbolic link.</summary>
    private string PathOf(TensorProto tensor, string location)
    {
        string[] names = location.Split('/');
        bool isPlain = location.Length is > 0 and <= MaxLocation && !location.Any(c => char.IsControl(c) || c is '\\' or ':')
            && names.All(name => name is not ("" or "." or "..")) && !Path.IsPathRooted(location);
        if (!isPlain)
            throw Refusal(tensor, $"the location '{Shown(location)}' is not a path below the model's folder");
        if (model is null)
            throw Refusal(tensor, $"the values are in '{location}', and the model has no folder because it was given as bytes");
        string path = Path.GetDirectoryName(Path.GetFullPath(model))!;
        foreach (string name in names)
        {
            path = Path.Combine(path, name);
            if (new FileInfo(path).LinkTarget is not null)
                throw Refusal(tensor, $"'{location}' goes over a symbolic link");
        }

        return path;
    }

    private long Number(TensorProto tensor, StringStringEntryProto entry) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= MaxBytes
            ? value
            : throw Refusal(tensor, $"the {entry.Key} '{Shown(entry.Value)}' is no number of bytes");

    private static string Shown(string text) => new([.. text.Take(100).Select(c => char.IsControl(c) ? '?' : c)]);

    private EbspException Refusal(TensorProto tensor, string cause) => DiagnosticDescriptors.ExternalData.Error(model, tensor.Name, cause);
}

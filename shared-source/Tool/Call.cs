using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Import;

namespace Ebsp.Tool;

/// <summary>A file that a call has read.</summary>
internal sealed record InputFile(string Path, string Sha256);

/// <summary>One call of a verb: its arguments, what it reads, prints and finds.</summary>
internal sealed class Call(ParseResult arguments, Terminal terminal, bool json)
{
    private readonly List<InputFile> _inputs = [];
    private readonly HashSet<InputFile> _known = [];

    /// <summary>Files read so far.</summary>
    public IReadOnlyList<InputFile> Inputs => _inputs;

    /// <summary>What <c>--json</c> prints as the result.</summary>
    public JsonObject Result { get; } = [];

    /// <summary>What went wrong.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>Whether the result is printed as JSON alone.</summary>
    public bool Json => json;

    /// <summary>Set on a signal.</summary>
    public CancellationToken Cancellation => terminal.Cancellation;

    /// <summary>Where it writes.</summary>
    public Terminal Terminal => terminal;

    /// <summary>The arguments.</summary>
    public ParseResult Arguments => arguments;

    /// <summary>The value of an option, or its default.</summary>
    public T? Get<T>(Option<T> option) => arguments.GetValue(option);

    /// <summary>The value of an argument that must be there.</summary>
    public string Get(Argument<string> argument) => arguments.GetRequiredValue(argument);

    /// <summary>A line of the result for people.</summary>
    public void Print(string line = "")
    {
        if (!json)
            terminal.Out.WriteLine(Text.Clean(line));
    }

    /// <summary>Lines of the result for people.</summary>
    public void Print(IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Print(line);
    }

    /// <summary>A record of the result: lines for people, fields for <c>--json</c>.</summary>
    /// <param name="lines">What people read.</param>
    /// <param name="fields">Fields of the result.</param>
    public void Report(IEnumerable<string> lines, JsonObject fields)
    {
        Print(lines);
        foreach ((string name, JsonNode? value) in fields)
            Result[name] = value?.DeepClone();
    }

    /// <summary>A record that is one field of the result.</summary>
    /// <param name="lines">What people read.</param>
    /// <param name="field">Name of the field.</param>
    /// <param name="value">Its value.</param>
    public void Report(IEnumerable<string> lines, string field, JsonNode? value)
    {
        Print(lines);
        Result[field] = value;
    }

    /// <summary>A line beside the result.</summary>
    public void Note(string line) => terminal.Error.WriteLine(Text.Clean(line));

    /// <summary>Progress of a long step, on the error stream.</summary>
    public Progress StartProgress(string what, long total) => new(terminal, what, total);

    /// <summary>Notes the SHA-256 of a file that the call depends on.</summary>
    /// <returns>The SHA-256, lower-case hexadecimal.</returns>
    public string Record(string path, ReadOnlySpan<byte> content) => Add(path, SHA256.HashData(content));

    /// <summary>Notes the SHA-256 of a file whose content another reader has taken.</summary>
    public void Record(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Add(path, SHA256.HashData(stream));
    }

    /// <summary>Notes a folder by the SHA-256 of the SHA-256 of each of some files in it, and these files.</summary>
    public void Record(string folder, IEnumerable<string> files)
    {
        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<InputFile> found = [];
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            byte[] hash = SHA256.HashData(stream);
            all.AppendData(hash);
            found.Add(new InputFile(file, Convert.ToHexStringLower(hash)));
        }

        Add(folder, all.GetHashAndReset());
        found.ForEach(Add);
    }

    /// <summary>Notes what an import read beside the model, and says which fields of the model it did not know.</summary>
    /// <param name="report">The import.</param>
    /// <param name="model">SHA-256 of the model file.</param>
    /// <returns>SHA-256 of model and external data together.</returns>
    public string Record(ImportReport report, string model)
    {
        foreach (ExternalFile file in report.ExternalFiles)
            Add(new InputFile(file.Path, file.Sha256));
        if (!report.UnknownFields.IsEmpty)
            Note($"{report.File}: note: fields unknown to this version were stepped over: {string.Join(", ", report.UnknownFields)}");
        return report.SourceSha256(model);
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="content">All of it.</param>
    /// <param name="result">Field of the result that names it.</param>
    public void Write(string path, byte[] content, string result = "output") => Write(path, stream => stream.Write(content), result);

    /// <summary>Writes a file through a stream, whole or not at all.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="result">Field of the result that names it.</param>
    public void Write(string path, Action<Stream> write, string result = "output")
    {
        if (path == "-")
            throw DiagnosticDescriptors.Usage.Error(null, null, "-o - is for listings; this output goes to a file");
        terminal.Whole(() => AtomicFile.Write(path, write));
        using FileStream written = File.OpenRead(path);
        Result[result] = new JsonObject
        {
            ["file"] = path,
            ["bytes"] = written.Length,
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(written)),
        };
        Print($"wrote {path}, {Quantity.Bytes(written.Length)}");
    }

    private string Add(string path, byte[] hash)
    {
        string text = Convert.ToHexStringLower(hash);
        Add(new InputFile(path, text));
        return text;
    }

    private void Add(InputFile file)
    {
        if (_known.Add(file))
            _inputs.Add(file);
    }
}

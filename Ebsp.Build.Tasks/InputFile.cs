using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>A file as it was when its content was taken.</summary>
/// <param name="FullPath">Its place.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Time">Last write, ticks in UTC.</param>
/// <param name="Hash">SHA-256 of the content.</param>
internal sealed record InputFile(string FullPath, long Size, long Time, string Hash)
{
    /// <summary>A file as it is now. The content is read only if size or time are not those of an earlier record.</summary>
    /// <returns>The record, or null if there is no such file.</returns>
    public static InputFile? Of(string path, InputFile? earlier)
    {
        // Size and time before the content: a write in between is then seen the next time.
        FileInfo now = new(path);
        if (!now.Exists)
            return null;
        (long size, long time) = (now.Length, now.LastWriteTimeUtc.Ticks);
        return earlier is not null && earlier.FullPath == path && earlier.Size == size && earlier.Time == time ? earlier
            : new InputFile(path, size, time, Sha256.OfFile(path));
    }

    /// <summary>Whether size and time are still these; the content is not read.</summary>
    public bool IsUntouched()
    {
        FileInfo now = new(FullPath);
        return now.Exists && now.Length == Size && now.LastWriteTimeUtc.Ticks == Time;
    }

    /// <summary>The files at a path: itself, or everything in a folder, in ordinal order.</summary>
    public static IEnumerable<string> Files(string path) =>
        Directory.Exists(path)
            ? Directory.GetFiles(path, "*", SearchOption.AllDirectories).OrderBy(file => file, StringComparer.Ordinal)
            : [path];

    /// <summary>Writes the record into a state file.</summary>
    public void Write(JsonWriter json) => json.BeginObject().Name("path").Value(FullPath).Name("size").Value(Size).Name("time").Value(Time)
        .Name("sha256").Value(Hash).EndObject();

    /// <summary>Reads what <see cref="Write"/> wrote; null if it is anything else.</summary>
    public static InputFile? Read(JsonValue json) =>
        json.Find("path")?.AsString() is { } path && json.Find("size")?.AsInt64() is { } size && json.Find("time")?.AsInt64() is { } time
            && json.Find("sha256")?.AsString() is { } hash
            ? new InputFile(path, size, time, hash)
            : null;
}
